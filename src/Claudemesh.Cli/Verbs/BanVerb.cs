using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh ban PEER</c></summary>
internal static class BanVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.BannedMember);

    public static Verb Declare(Surroundings around)
    {
        var peer = new Argument<string>("PEER") { Description = "a name, a key, or a beginning of a key" };
        var reason = new Option<string?>("--reason") { Description = "told to the banned member", HelpName = "TEXT" };
        Option<string?> workspace = SharedOptions.Workspace();
        Option<bool> yes = Confirmation.Yes();
        return new Verb("ban", "Removes a member until an admin lets it in again. For owners and admins.")
        {
            Arguments = { peer },
            Options = { reason, workspace, yes },
            Examples = ["ban bob", "ban bob --reason \"sold the laptop\" --yes"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new BanMember(parsed.GetRequiredValue(peer), parsed.GetValue(reason), parsed.GetValue(workspace));
                string question = $"Ban {request.Peer}? What waits for it is refused to its senders, and every open invite of the workspace ends.";
                if (Confirmation.Find(around, parsed, yes, question) is { } problem)
                    return around.Terminal.Fail(problem);

                LocalReply<BannedMember> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.BanAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, banned => Print(around.Terminal, banned));
            },
        };
    }

    private static void Print(Terminal terminal, BannedMember banned)
    {
        terminal.WriteLine($"banned {PlainText.Line(banned.Name)} from {PlainText.Line(banned.Workspace)}");
        terminal.WriteLine(terminal.Dim($"Open invites have ended. claudemesh unban {banned.Key[..Math.Min(12, banned.Key.Length)]} lets it in again."));
    }
}
