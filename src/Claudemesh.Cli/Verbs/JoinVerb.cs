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
        return new Verb("join", "Joins a workspace with an invite.")
        {
            Arguments = { link },
            Options = { displayName },
            Examples = ["join https://mesh.example.org/join/eyJ2Ijox...", "join https://mesh.example.org/join/eyJ2Ijox... --as Mou"],
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
        terminal.WriteLine($"You are in {terminal.Bold(PlainText.Line(joined.Slug))} as {PlainText.Line(joined.DisplayName)}.");
        terminal.WriteLine(terminal.Dim("Next: claudemesh peers"));
    }
}
