using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh join LINK</c></summary>
internal static class JoinVerb
{
    public static Verb Declare(Surroundings around)
    {
        var link = new Argument<string>("LINK") { Description = "the invite that you were given" };
        Option<string?> displayName = SharedOptions.DisplayName();
        return new Verb("join", "Joins a workspace with an invite, in any of its forms.")
        {
            Arguments = { link },
            Options = { displayName },
            Examples = ["join 'https://mesh.example.org/i/8Jq0...#3.mFz2...'", "join mesh.example.org/i/8Jq0... --as Mou"],
            Prints = new JsonShape(LocalJson.Default.Workspace),
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new JoinWorkspace(parsed.GetRequiredValue(link), parsed.GetValue(displayName));
                LocalReply<Workspace> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.JoinWorkspaceAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, new JsonShape(LocalJson.Default.Workspace), joined => Print(around.Terminal, joined));
            },
        };
    }

    private static void Print(Terminal terminal, Workspace joined)
    {
        if (joined.Waiting)
        {
            terminal.WriteLine($"You wait to be let into {terminal.Bold(PlainText.Line(joined.Slug))} as {PlainText.Line(joined.DisplayName)}: the link came without its secret.");
            terminal.WriteLine($"An admin lets you in with: claudemesh member admit {joined.MemberKey[..Math.Min(16, joined.MemberKey.Length)]}");
            return;
        }

        terminal.WriteLine($"You are in {terminal.Bold(PlainText.Line(joined.Slug))} as {PlainText.Line(joined.DisplayName)}.");
        terminal.WriteLine(terminal.Dim("Next: claudemesh peers"));
    }
}
