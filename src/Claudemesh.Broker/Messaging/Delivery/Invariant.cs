using System.Diagnostics;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>What must be true whatever happens. Checked in debug builds and by the simulator; a breach is a bug of the core.</summary>
internal static class Invariant
{
    [Conditional("DEBUG")]
    public static void Holds(bool condition, string sentence)
    {
        if (!condition)
            throw new InvalidOperationException($"Broken invariant: {sentence}.");
    }

    /// <summary>Places of a reader: nothing acknowledged that was not pushed, nothing pushed that is not committed, bounded in flight.</summary>
    [Conditional("DEBUG")]
    public static void HoldsFor(Reader reader, long committedThrough, DeliveryBounds bounds)
    {
        foreach (LaneReader lane in reader.Lanes)
        {
            Holds(lane.Through <= lane.Pushed, "a cursor does not pass what was pushed");
            Holds(lane.Pushed <= committedThrough, "nothing is pushed before it is committed");
            Holds(lane.Ring.Count <= bounds.InFlightMax, "in flight is bounded");
            Holds(
                lane.Ring.Bytes <= bounds.InFlightBytesMax || CountPushed(lane.Ring) == 1,
                "bytes in flight are bounded");
            Holds(reader.KeepsCursor || lane.Ring.Count == 0, "who moves no cursor has nothing in flight");
            Holds(!lane.Live || reader.Owner is not null, "only who is attached is live");

            long before = lane.Through;
            for (int i = 0; i < lane.Ring.Count; i++)
            {
                Holds(lane.Ring[i].Position > before, "positions in flight rise from the cursor");
                before = Math.Max(lane.Ring[i].Position, lane.Ring[i].CoverTo);
            }

            Holds(before <= lane.Pushed, "what is in flight was pushed");
            Holds(lane.Ring.Count == 0 || lane.Ring[0].State == InFlightState.Pushed, "the oldest in flight is not settled");
        }
    }

    [Conditional("DEBUG")]
    public static void HoldsFor(Mailbox box)
    {
        Holds(box.Waiting >= 0 && box.WaitingBytes >= 0, "a mailbox does not hold less than nothing");
        Holds(box.Uncommitted >= 0 && box.Parked >= 0, "what came in is counted once");
    }

    private static int CountPushed(InFlightRing ring)
    {
        int count = 0;
        for (int i = 0; i < ring.Count; i++)
            count += ring[i].State == InFlightState.Pushed ? 1 : 0;
        return count;
    }
}
