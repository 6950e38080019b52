using System.Collections.Immutable;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>
/// Pushes again what a connected reader does not acknowledge: of each lane the oldest, after 30 s, then 1, 2 and 5 minutes.
/// What was pushed five times in vain is set aside, so that one message cannot hold up all that follow.
/// </summary>
internal sealed class Repeats(Turn turn, Pushes pushes, Pages pages, Cursors cursors)
{
    private static readonly TimeSpan ScanAtMostEvery = TimeSpan.FromSeconds(1);

    /// <summary>How long after each push the next one comes; after the last one the entry is set aside.</summary>
    public static ImmutableArray<TimeSpan> Waits { get; } =
    [
        TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5),
    ];

    public void RepeatLapsed(IEnumerable<Reader> readers)
    {
        if (pushes.RepeatAt is not { } at || turn.Clock < at)
            return;

        Instant? next = null;
        foreach (Reader reader in readers)
        {
            for (int lane = 0; lane < LaneReader.Lanes; lane++)
            {
                if (reader.Lanes[lane].Ring.Count > 0)
                    RepeatLapsed(reader, lane);
                if (reader.Lanes[lane] is { Ring.Count: > 0 } left && (next is null || DeadlineOf(left) < next))
                    next = DeadlineOf(left);
            }
        }

        // A reader that may not be pushed to at present is looked at again, but not at once.
        Instant soonest = turn.Clock + ScanAtMostEvery;
        pushes.RepeatAt = next < soonest ? soonest : next;
    }

    /// <summary>The entry to be pushed again has been read.</summary>
    public void Show(Fetched fetched, Page page)
    {
        Reader reader = fetched.Reader;
        LaneReader at = reader.Lanes[fetched.Lane];
        at.Repeat = null;
        if (!reader.IsOpen(fetched.Lane) || at.Ring.Count == 0 || at.Ring[0].Position != fetched.AsOf)
            return;

        at.Repeats++;
        at.Ring[0].PushedAt = turn.Clock;
        foreach (Stored stored in page.Entries)
            pushes.Push(reader, stored.Message, stored.Entry, previous: 0, again: true);
    }

    private static Instant DeadlineOf(LaneReader at) => at.Ring[0].PushedAt + Waits[at.Repeats];

    private void RepeatLapsed(Reader reader, int lane)
    {
        LaneReader at = reader.Lanes[lane];
        if (at.Repeat is not null || DeadlineOf(at) > turn.Clock || !reader.IsOpen(lane))
            return;

        if (at.Repeats < Waits.Length - 1)
        {
            at.Repeat = pages.AskOne(reader, lane, at.Ring[0].Position);
            return;
        }

        at.Ring.Settle(0, InFlightState.SetAside);
        cursors.Release(reader, lane);
        pages.CatchUp(reader, lane);
    }
}
