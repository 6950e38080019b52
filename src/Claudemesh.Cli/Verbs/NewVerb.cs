using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh new NAME</c></summary>
internal static class NewVerb
{
    /// <param name="line">How it is typed, in examples.</param>
    public static Verb Declare(Surroundings around, string verb = "new", string line = "new")
    {
        var name = new Argument<string>("NAME") { Description = "what the workspace is called" };
        var broker = new Option<string?>("--broker")
        {
            Description = "the broker's address; the one used last, or http://127.0.0.1:7900, if left out",
            HelpName = "URL",
        };
        Option<string?> displayName = SharedOptions.DisplayName();
        var mixed = new Option<bool>("--mixed") { Description = "admit 1.x clients, and with them messages that the broker can read" };
        return new Verb(verb, "Makes a workspace and makes you its owner.")
        {
            Arguments = { name },
            Options = { broker, displayName, mixed },
            Examples = [$"{line} acme", $"{line} acme --broker https://mesh.example.org --as Alice"],
            Prints = new JsonShape(LocalJson.Default.Workspace),
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new CreateWorkspace(parsed.GetRequiredValue(name), parsed.GetValue(broker), parsed.GetValue(displayName), parsed.GetValue(mixed));
                LocalReply<Workspace> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.CreateWorkspaceAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, new JsonShape(LocalJson.Default.Workspace), made => Print(around.Terminal, made));
            },
        };
    }

    private static void Print(Terminal terminal, Workspace made)
    {
        terminal.WriteLine($"{terminal.Bold(PlainText.Line(made.Slug))} is there, on {PlainText.Line(made.Broker)}; you own it as {PlainText.Line(made.DisplayName)}.");
        terminal.WriteLine(terminal.Dim("Next: claudemesh invite"));
    }
}
