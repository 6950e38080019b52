using System.Collections.Concurrent;
using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>
/// How often each waiting machine asks (RFC 8628 3.5). Who asks before his interval is over waits five seconds longer from then on. Kept in memory: as
/// many as requests wait, and what is lost with a restart is only how impatient a machine was.
/// </summary>
internal sealed class DevicePolls(TimeProvider clock)
{
    public static readonly TimeSpan IntervalUsual = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan SlowDown = TimeSpan.FromSeconds(5);

    /// <summary>The way of a request takes a little longer or shorter: who counts his five seconds from the answer is not too early.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<long, Poll> polls = new();

    public int Count => polls.Count;

    /// <summary>False when the machine asks too fast.</summary>
    public bool TryPoll(long request, Instant expiresAt)
    {
        Poll poll = polls.GetOrAdd(request, static (_, end) => new Poll(end), expiresAt);
        long now = clock.GetTimestamp();
        lock (poll)
        {
            bool isTooEarly = poll.At is { } before && clock.GetElapsedTime(before, now) < poll.Interval - Slack;
            poll.At = now;
            if (isTooEarly)
                poll.Interval += SlowDown;
            return !isTooEarly;
        }
    }

    public void Forget(long request) => polls.TryRemove(request, out _);

    /// <summary>Forgets the requests that are over.</summary>
    public void Sweep(Instant now)
    {
        foreach ((long request, Poll poll) in polls)
        {
            if (poll.ExpiresAt <= now)
                polls.TryRemove(request, out _);
        }
    }

    private sealed class Poll(Instant expiresAt)
    {
        public Instant ExpiresAt { get; } = expiresAt;

        public long? At { get; set; }

        public TimeSpan Interval { get; set; } = IntervalUsual;
    }
}
