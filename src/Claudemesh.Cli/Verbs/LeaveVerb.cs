using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh leave WORKSPACE</c></summary>
internal static class LeaveVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.LeftWorkspace);

    /// <param name="line">How it is typed, in examples.</param>
    public static Verb Declare(Surroundings around, string line = "leave")
    {
        var workspace = new Argument<string>("WORKSPACE") { Description = "its short name, as `claudemesh list` shows it" };
        var hereOnly = new Option<bool>("--here-only") { Description = "delete it on this machine and do not tell the broker" };
        Option<bool> yes = Confirmation.Yes();
        return new Verb("leave", "Ends your membership, and deletes the workspace's key, outbox and inbox on this machine.")
        {
            Arguments = { workspace },
            Options = { hereOnly, yes },
            Examples = [$"{line} acme", $"{line} acme --yes", $"{line} acme --here-only --yes"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new LeaveWorkspace(parsed.GetRequiredValue(workspace), parsed.GetValue(hereOnly));
                string question = $"Leave {request.Workspace}? Its key, outbox and inbox on this machine are deleted for good.";
                if (Confirmation.Find(around, parsed, yes, question) is { } problem)
                    return around.Terminal.Fail(problem);

                LocalReply<LeftWorkspace> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.LeaveWorkspaceAsync(request, token), cancellationToken);
                return around.Terminal.Show(reply, Shape, left => Print(around.Terminal, left));
            },
        };
    }

    private static void Print(Terminal terminal, LeftWorkspace left) => terminal.WriteLine(left.Told
        ? $"You have left {PlainText.Line(left.Workspace)}."
        : $"{PlainText.Line(left.Workspace)} is deleted on this machine; the broker was not told.");
}
