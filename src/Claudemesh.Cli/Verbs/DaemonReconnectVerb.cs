using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh daemon reconnect</c>: after a kick, nothing else brings the daemon back.</summary>
internal static class DaemonReconnectVerb
{
    private static readonly JsonShape Shape = new(LocalJson.Default.Reconnected, "workspaces");

    public static Verb Declare(Surroundings around)
    {
        Option<string?> workspace = SharedOptions.Workspace();
        return new Verb("reconnect", "Connects again what is not connected, also where an admin has taken you off.")
        {
            Options = { workspace },
            Examples = ["daemon reconnect", "daemon reconnect -w acme"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                var request = new Reconnect(parsed.GetValue(workspace));
                LocalReply<Reconnected> reply = await around.Daemon.AskOnceAsync((daemon, token) => daemon.ReconnectAsync(request, token), cancellationToken);
                ExitCode code = around.Terminal.Show(reply, Shape, done => Print(around.Terminal, done));
                return code is ExitCode.Ok ? Worst(reply.Value!) : code;
            },
        };
    }

    private static void Print(Terminal terminal, Reconnected done)
    {
        foreach (WorkspaceStatus one in done.Workspaces)
            terminal.WriteLine($"{PlainText.Line(one.Slug)}  {one.State}{(one.Detail is null ? "" : "  " + PlainText.Line(one.Detail))}");

        if (done.Workspaces.Count == 0)
            terminal.WriteLine("You are in no workspace yet.");
    }

    private static ExitCode Worst(Reconnected done) =>
        done.Workspaces.Any(one => one.State is ConnectionStates.Kicked or ConnectionStates.Removed) ? ExitCode.Denied
        : done.Workspaces.Any(one => one.State is ConnectionStates.Refused) ? ExitCode.Auth
        : done.Workspaces.Any(one => one.State is not ConnectionStates.Open) ? ExitCode.Network
        : ExitCode.Ok;
}
