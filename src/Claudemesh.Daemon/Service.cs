using Claudemesh.Daemon.Sessions;

namespace Claudemesh.Daemon;

/// <summary>Whom a daemon serves.</summary>
/// <param name="Caller">The process for whose one call it lives; null: everybody, until it is stopped.</param>
/// <param name="Foreground">Logs to the terminal too.</param>
internal sealed record Service(int? Caller = null, bool Foreground = false)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether this person is online because of it.</summary>
    public bool ShowsPresence => Caller is null;

    /// <summary>Returns when the caller has gone; a call that was killed must leave nothing behind that holds the lock.</summary>
    public async Task WaitForCallerAsync(TimeProvider clock, CancellationToken stopping)
    {
        if (Caller is not { } pid || SessionProcess.Find(pid) is not { } caller)
            return;

        using var timer = new PeriodicTimer(LookEvery, clock);
        while (caller.IsAlive && await timer.WaitForNextTickAsync(stopping))
        {
            // Nothing tells when a process that is no child of ours ends.
        }
    }
}
