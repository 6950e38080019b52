using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh daemon down</c>. That none is running is a success: it is what was asked for.</summary>
internal static class DaemonDownVerb
{
    private static readonly JsonShape Shape = new(CliJson.Default.DaemonStoppedPrinted);

    public static Verb Declare(Surroundings around) => new("down", "Stops the daemon, and returns when it is gone. What waits to be sent is kept.")
    {
        Examples = ["daemon down"],
        Prints = Shape,
        RunAsync = async (_, cancellationToken) =>
        {
            Terminal terminal = around.Terminal;
            LocalReply<Stopping> reply = await around.Daemon.AskRunningAsync((daemon, token) => daemon.ShutDownAsync(token), cancellationToken);
            if (reply.Problem?.Error is LocalErrors.DaemonUnreachable)
                return terminal.Show(new DaemonStoppedPrinted(false), Shape, _ => terminal.WriteLine("No daemon is running."));

            if (!reply.Succeeded && reply.Problem.Error is not LocalErrors.Stopping)
                return terminal.Fail(reply.Problem);

            if (!await around.Daemon.WaitUntilGoneAsync(cancellationToken))
            {
                return terminal.Fail(LocalProblem.Of(
                    LocalErrors.Stopping, $"The daemon is stopping but has not ended yet; see {around.Home.LogFile}.", 503, ExitCode.Internal));
            }

            return terminal.Show(new DaemonStoppedPrinted(true, reply.Value?.Pid), Shape, _ => terminal.WriteLine("The daemon has stopped."));
        },
    };
}
