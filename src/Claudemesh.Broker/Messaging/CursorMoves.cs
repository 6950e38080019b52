using System.Runtime.InteropServices;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Messaging;

/// <summary>Which cursor.</summary>
internal readonly record struct CursorKey(ReaderNo Reader, MailboxNo Source, Lane Lane);

/// <summary>Where it moves to, and when.</summary>
/// <param name="OfTopic">As in <see cref="MoveCursor.OfTopic"/>.</param>
internal readonly record struct CursorMove(long Through, Instant At, bool OfTopic = false);

/// <summary>
/// Cursor moves on their way to the file, one per cursor however often it moved. They never cause a commit of their own
/// until the oldest is <see cref="FlushAfter"/> old; a crash loses those, and their messages come again. Bounded by the
/// cursors of connected readers. Safe for use by many threads; one thread takes.
/// </summary>
internal sealed class CursorMoves : IDisposable
{
    public static readonly TimeSpan FlushAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Moves ride along with other commits, but not with each: under load that would write the same cursor five hundred
    /// times a second.
    /// </summary>
    public static readonly TimeSpan RideEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// More than these wait for a commit of their own: a broadcast's thousand cursors would hold up whoever sends next.
    /// </summary>
    public const int RideMax = 64;

    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly ITimer timer;
    private Dictionary<CursorKey, CursorMove> waiting = [];
    private Dictionary<CursorKey, CursorMove> taken = [];
    private long lastTakenAt;
    private bool armed;

    public CursorMoves(TimeProvider clock, Action due)
    {
        this.clock = clock;
        lastTakenAt = clock.GetTimestamp();
        timer = clock.CreateTimer(static state => ((Action)state!)(), due, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool Waiting
    {
        get
        {
            lock (gate)
                return waiting.Count > 0;
        }
    }

    /// <summary>False once all are in the database.</summary>
    public bool Pending
    {
        get
        {
            lock (gate)
                return waiting.Count > 0 || taken.Count > 0;
        }
    }

    public void Add(Step step)
    {
        Instant now = clock.GetInstant();
        lock (gate)
        {
            foreach (Output output in step.Writes)
            {
                if (output is MoveCursor move)
                    Raise(new CursorKey(move.Reader, move.Source, move.Lane), new CursorMove(move.Through, now, move.OfTopic));
            }

            Arm();
        }
    }

    /// <summary>
    /// What is to be written now: all if <paramref name="flush"/>, or if it has been long enough and they are few; else nothing. Stays known to
    /// readers until <see cref="Taken"/>.
    /// </summary>
    public IReadOnlyDictionary<CursorKey, CursorMove> Take(bool flush)
    {
        lock (gate)
        {
            if (!flush && (waiting.Count > RideMax || clock.GetElapsedTime(lastTakenAt) < RideEvery))
                return taken;

            (waiting, taken) = (taken, waiting);
            lastTakenAt = clock.GetTimestamp();
            armed = false;
            return taken;
        }
    }

    /// <summary>
    /// Ends a <see cref="Take"/>. If the moves were not <paramref name="kept"/> they wait again.
    /// <paramref name="later"/> are moves of the same transaction's steps, which may be written from now on.
    /// </summary>
    public void Taken(bool kept, List<MoveCursor> later)
    {
        Instant now = clock.GetInstant();
        lock (gate)
        {
            if (!kept)
            {
                foreach ((CursorKey key, CursorMove move) in taken)
                    Raise(key, move);
            }

            taken.Clear();
            foreach (MoveCursor move in later)
                Raise(new CursorKey(move.Reader, move.Source, move.Lane), new CursorMove(move.Through, now, move.OfTopic));

            Arm();
        }
    }

    /// <summary>Where a reader's cursors move to that are not in the file yet.</summary>
    public Dictionary<(MailboxNo Source, Lane Lane), long> Of(ReaderNo reader)
    {
        Dictionary<(MailboxNo, Lane), long> cursors = [];
        lock (gate)
        {
            Look(taken);
            Look(waiting);
        }

        return cursors;

        void Look(Dictionary<CursorKey, CursorMove> moves)
        {
            foreach ((CursorKey key, CursorMove move) in moves)
            {
                if (key.Reader == reader)
                    cursors[(key.Source, key.Lane)] = Math.Max(move.Through, cursors.GetValueOrDefault((key.Source, key.Lane)));
            }
        }
    }

    /// <summary>Where many readers' cursors move to that are not in the file yet; each has one source.</summary>
    public Dictionary<(ReaderNo Reader, Lane Lane), long> Of(IReadOnlySet<ReaderNo> readers)
    {
        Dictionary<(ReaderNo, Lane), long> cursors = [];
        lock (gate)
        {
            Look(taken);
            Look(waiting);
        }

        return cursors;

        void Look(Dictionary<CursorKey, CursorMove> moves)
        {
            foreach ((CursorKey key, CursorMove move) in moves)
            {
                if (readers.Contains(key.Reader))
                    cursors[(key.Reader, key.Lane)] = Math.Max(move.Through, cursors.GetValueOrDefault((key.Reader, key.Lane)));
            }
        }
    }

    /// <summary>The furthest move of any reader of a source that is not in the file yet.</summary>
    public CursorMove Furthest(MailboxNo source, Lane lane)
    {
        CursorMove furthest = default;
        lock (gate)
        {
            Look(waiting);
            Look(taken);
        }

        return furthest;

        void Look(Dictionary<CursorKey, CursorMove> moves)
        {
            foreach ((CursorKey key, CursorMove move) in moves)
            {
                if (key.Source == source && key.Lane == lane && move.Through > furthest.Through)
                    furthest = move;
            }
        }
    }

    public void Dispose() => timer.Dispose();

    private void Raise(CursorKey key, CursorMove move)
    {
        ref CursorMove known = ref CollectionsMarshal.GetValueRefOrAddDefault(waiting, key, out _);
        if (move.Through > known.Through)
            known = move;
    }

    private void Arm()
    {
        if (armed || waiting.Count == 0)
            return;

        armed = true;
        timer.Change(FlushAfter, Timeout.InfiniteTimeSpan);
    }
}
