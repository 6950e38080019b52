using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Presence;

/// <summary>A member who is here without a connection.</summary>
/// <param name="Visible">As his own peer was when it was last here.</param>
internal sealed record RestVisitor(MemberNo Member, DateTimeOffset Since, bool Visible);

/// <summary>
/// Members who are here by REST: a key of theirs was used within <see cref="Stay"/>, or has a stream open. In memory: whoever uses one after a
/// restart is here again.
/// </summary>
internal sealed class RestVisitors : IDisposable
{
    public static readonly TimeSpan Stay = TimeSpan.FromMinutes(5);

    /// <summary>Shown at most. Above, who comes is not shown; he can be written to all the same.</summary>
    public const int CountMax = 10_000;

    private readonly Lock gate = new();
    private readonly Dictionary<MemberNo, Visit> visits = [];
    private readonly TimeProvider clock;
    private readonly Action changed;
    private readonly ITimer timer;

    /// <param name="changed">Called when somebody has come or gone, outside any lock.</param>
    public RestVisitors(TimeProvider clock, Action changed)
    {
        this.clock = clock;
        this.changed = changed;
        timer = clock.CreateTimer(_ => EndVisits(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The member asked for something. False where he is not here yet: <see cref="Arrive"/>.</summary>
    public bool TryRenew(MemberNo member)
    {
        lock (gate)
        {
            if (!visits.TryGetValue(member, out Visit? visit))
                return false;

            visit.LastUsed = clock.GetUtcNow();
            return true;
        }
    }

    public void Arrive(MemberNo member, bool visible)
    {
        lock (gate)
        {
            DateTimeOffset now = clock.GetUtcNow();
            if (visits.Count >= CountMax || !visits.TryAdd(member, new Visit(now) { LastUsed = now, Visible = visible }))
                return;
            if (visits.Count == 1)
                timer.Change(Stay, Timeout.InfiniteTimeSpan);
        }

        changed();
    }

    /// <summary>The member has a stream open: he stays until what is answered is disposed, and for <see cref="Stay"/> after that.</summary>
    public IDisposable Hold(MemberNo member)
    {
        lock (gate)
        {
            if (visits.TryGetValue(member, out Visit? visit))
                visit.Holds++;

            return new Held(this, visit);
        }
    }

    /// <summary>The member shows or hides his own peer.</summary>
    public void Show(MemberNo member, bool visible)
    {
        lock (gate)
        {
            if (visits.TryGetValue(member, out Visit? visit))
                visit.Visible = visible;
        }
    }

    public IReadOnlyList<RestVisitor> List()
    {
        lock (gate)
            return [.. visits.Select(visit => new RestVisitor(visit.Key, visit.Value.Since, visit.Value.Visible))];
    }

    public void Dispose() => timer.Dispose();

    private void EndVisits()
    {
        bool hasEnded = false;
        lock (gate)
        {
            DateTimeOffset now = clock.GetUtcNow();
            DateTimeOffset? next = null;
            foreach ((MemberNo member, Visit visit) in visits.ToList())
            {
                DateTimeOffset end = visit.Holds > 0 ? now + Stay : visit.LastUsed + Stay;
                if (end <= now)
                    hasEnded |= visits.Remove(member);
                else if (next is null || end < next)
                    next = end;
            }

            if (next is { } at)
                timer.Change(at - now, Timeout.InfiniteTimeSpan);
        }

        if (hasEnded)
            changed();
    }

    private void Release(Visit visit)
    {
        lock (gate)
        {
            visit.Holds--;
            visit.LastUsed = clock.GetUtcNow();
        }
    }

    private sealed class Visit(DateTimeOffset since)
    {
        public DateTimeOffset Since { get; } = since;

        public DateTimeOffset LastUsed { get; set; }

        public bool Visible { get; set; }

        public int Holds { get; set; }
    }

    private sealed class Held(RestVisitors visitors, Visit? visit) : IDisposable
    {
        private Visit? held = visit;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref held, null) is { } visit)
                visitors.Release(visit);
        }
    }
}
