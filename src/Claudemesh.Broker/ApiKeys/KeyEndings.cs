using System.Collections.Concurrent;

namespace Claudemesh.Broker.ApiKeys;

/// <summary>
/// Tells whoever has something open by a key, such as a stream, that the key is over: revoked, rotated, expired, or gone with its issuer or its
/// workspace. Taken with <see cref="ApiKeyBook.WatchAsync"/>.
/// </summary>
internal sealed class KeyEndings(TimeProvider clock)
{
    private readonly ConcurrentDictionary<KeyWatch, byte> watches = new();

    public int Count => watches.Count;

    public KeyWatch Add(ApiKey key)
    {
        KeyWatch watch = new(key, clock, gone => watches.TryRemove(gone, out _));
        watches[watch] = 0;
        return watch;
    }

    public void Raise(Func<ApiKey, bool> which)
    {
        foreach ((KeyWatch watch, _) in watches)
        {
            if (which(watch.Key))
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
    private readonly ITimer? expiry;

    public KeyWatch(ApiKey key, TimeProvider clock, Action<KeyWatch> leave)
    {
        (Key, this.clock, this.leave) = (key, clock, leave);
        Over = over.Token;
        if (key.ExpiresAt is null)
            return;

        expiry = clock.CreateTimer(static watch => ((KeyWatch)watch!).LookAtClock(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        LookAtClock();
    }

    public ApiKey Key { get; }

    /// <summary>Cancelled once, when the key is over. What hangs on it runs on the pool.</summary>
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
        TimeSpan left = Key.ExpiresAt!.Value - clock.GetUtcNow();
        if (left <= TimeSpan.Zero)
            End();
        else
            expiry!.Change(left < WaitMax ? left : WaitMax, Timeout.InfiniteTimeSpan);
    }
}
