using Claudemesh.Local;

namespace Claudemesh.Cli.Daemon;

/// <summary>
/// A daemon for one call, with <c>--no-daemon</c>: it has the same outbox and inbox, a door that nobody else finds, and is gone with the call. It is
/// started when a verb needs it, like any other.
/// </summary>
internal sealed class PrivateDaemon : IAsyncDisposable
{
    /// <summary>Says the same as <c>--no-daemon</c>, for a whole job of a CI.</summary>
    public const string Variable = "CLAUDEMESH_NO_DAEMON";

    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(10);

    // Another process lives by the machine's own time.
    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly string folder = CallFolder.Create();

    public PrivateDaemon(DaemonDoor everybodys) => Door = everybodys.ForOneCall(folder);

    public DaemonDoor Door { get; }

    /// <summary>Ends the daemon if one was started, and returns when its process is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        LocalReply<Stopping> stopping = await Door.AskRunningAsync((daemon, token) => daemon.ShutDownAsync(token), CancellationToken.None);
        if (stopping.Value is { } ending)
            await WaitForEndAsync(ending.Pid);

        CallFolder.Remove(folder);
    }

    private static async Task WaitForEndAsync(int pid)
    {
        long begun = Clock.GetTimestamp();
        while (DetachedProcess.FindExitCode(pid) is null)
        {
            if (Clock.GetElapsedTime(begun) > DaemonDoor.StartMax)
            {
                DetachedProcess.KillSession(pid);
                return;
            }

            await Task.Delay(PollEvery, Clock, CancellationToken.None);
        }
    }
}
