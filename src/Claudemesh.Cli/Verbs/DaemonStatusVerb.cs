using Claudemesh.Cli.CommandLine;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh daemon status</c>: like <c>status</c>, but starts nothing; exit code 4 when no daemon answers.</summary>
internal static class DaemonStatusVerb
{
    public static Verb Declare(Surroundings around) => new("status", "Shows the daemon if it is running; starts nothing.")
    {
        Examples = ["daemon status", "daemon status --json=pid,version"],
        Prints = StatusVerb.Shape,
        RunAsync = async (_, cancellationToken) =>
        {
            LocalReply<DaemonStatus> reply = await around.Daemon.AskRunningAsync((daemon, token) => daemon.GetStatusAsync(token), cancellationToken);
            return around.Terminal.Show(reply, StatusVerb.Shape, status => StatusVerb.Print(around, status));
        },
    };
}
