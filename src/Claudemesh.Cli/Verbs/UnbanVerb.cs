using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh unban PEER</c></summary>
internal static class UnbanVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.BannedMember);

    public static Verb Declare(Surroundings around)
    {
        var peer = new Argument<string>("PEER") { Description = "the name or key of a banned member, or a beginning of the key" };
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("unban", "Lets a banned member in again, as it was before. For owners and admins.")
        {
            Arguments = { peer },
            Options = { workspace },
            Examples = ["unban bob", "unban c5cb163d"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                (string whom, string? where) = (parsed.GetRequiredValue(peer), parsed.GetValue(workspace));
                LocalReply<BannedMember> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.UnbanAsync(whom, where, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, member => Print(around.Terminal, member));
            },
        };
    }

    private static void Print(Terminal terminal, BannedMember member)
    {
        terminal.WriteLine($"{PlainText.Line(member.Name)} may come into {PlainText.Line(member.Workspace)} again");
        terminal.WriteLine(terminal.Dim("On its machine: claudemesh daemon reconnect"));
    }
}
