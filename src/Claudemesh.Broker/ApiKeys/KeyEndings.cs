using System.Collections.Concurrent;

namespace Claudemesh.Broker.ApiKeys;

/// <summary>
/// Tells whoever has something open by a key, a personal token or a session, such as a stream, that it is over: revoked, rotated, expired, or gone with
/// its issuer, its workspace or its account. Taken with <see cref="ApiKeyBook.WatchAsync"/> and its like.
/// </summary>
internal sealed class KeyEndings(TimeProvider clock)
{
    private readonly ConcurrentDictionary<KeyWatch, byte> watches = new();

    public int Count => watches.Count;

    public KeyWatch Add(object credential, DateTimeOffset? expiresAt)
    {
        KeyWatch watch = new(credential, expiresAt, clock, gone => watches.TryRemove(gone, out _));
        watches[watch] = 0;
        return watch;
    }

    public void Raise<T>(Func<T, bool> which)
    {
        foreach ((KeyWatch watch, _) in watches)
        {
            if (watch.Credential is T credential && which(credential))
                watch.End();
        }
    }
}

/// <summary>One that is told. Whoever has it disposes of it when he has closed what he had open.</summary>
internal sealed class KeyWatch : IDisposable
{
    /// <summary>A timer's wait has a bound; beyond it the rest is waited for anew.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromDays(1);

    private readonly CancellationTokenSource over = new();
    private readonly TimeProvider clock;
    private readonly Action<KeyWatch> leave;
    private readonly DateTimeOffset? expiresAt;
    private readonly ITimer? expiry;

    public KeyWatch(object credential, DateTimeOffset? expiresAt, TimeProvider clock, Action<KeyWatch> leave)
    {
        (Credential, this.expiresAt, this.clock, this.leave) = (credential, expiresAt, clock, leave);
        Over = over.Token;
        if (expiresAt is null)
            return;

        expiry = clock.CreateTimer(static watch => ((KeyWatch)watch!).LookAtClock(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        LookAtClock();
    }

    /// <summary>An API key, a personal token or a login session.</summary>
    public object Credential { get; }

    /// <summary>Cancelled once, when it is over. What hangs on it runs on the pool.</summary>
    public CancellationToken Over { get; }

    public void End()
    {
        try
        {
            _ = over.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // What was open has just been closed.
        }
    }

    public void Dispose()
    {
        leave(this);
        expiry?.Dispose();
        over.Dispose();
    }

    private void LookAtClock()
    {
        TimeSpan left = expiresAt!.Value - clock.GetUtcNow();
        if (left <= TimeSpan.Zero)
            End();
        else
            expiry!.Change(left < WaitMax ? left : WaitMax, Timeout.InfiniteTimeSpan);
    }
}
