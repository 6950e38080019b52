namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>Moves cursors over what is settled, tells what was delivered by that, and writes each cursor once per step.</summary>
internal sealed class Cursors(Turn turn, Tallies tallies)
{
    private readonly List<(Reader Reader, int Lane)> moved = [];

    /// <summary>Lets the cursor go over everything at its edge of which nothing more is expected.</summary>
    public void Release(Reader reader, int lane)
    {
        LaneReader at = reader.Lanes[lane];
        while (at.Ring.TryTakeSettled(out InFlight entry))
        {
            at.Repeats = 0;
            Note(reader, lane);
            at.MoveTo(Math.Max(entry.Position, entry.CoverTo));
            Tell(reader, lane, entry);
            reader.Box.PassThrough(lane, at.Through);
        }
    }

    /// <summary>The entry at this position is not for this reader: its cursor goes over it as soon as it gets there.</summary>
    public void Cover(Reader reader, int lane, long position)
    {
        LaneReader at = reader.Lanes[lane];
        Note(reader, lane);
        at.Cover(position);
        if (reader.KeepsCursor)
            reader.Box.PassThrough(lane, at.Through);
    }

    /// <summary>Somebody has an entry that had been set aside.</summary>
    public void TakeUp(Mailbox box, in InFlight entry)
    {
        if (!box.TakeAside(entry.Position))
            return;
        turn.Write(new RecordOutcome(entry.Message, box.No, new Outcome(OutcomeState.Delivered, turn.Now, Reason: null, Proof: null)));
        tallies.Delivered(entry, box);
    }

    public void Write()
    {
        foreach ((Reader reader, int lane) in moved)
        {
            LaneReader at = reader.Lanes[lane];
            at.CursorMoved = false;
            turn.WriteLazily(new MoveCursor(reader.No, reader.Source.Mailbox, (Lane)lane, at.Through, reader.IsOfTopic));
        }

        moved.Clear();
    }

    private void Note(Reader reader, int lane)
    {
        if (reader.KeepsCursor && !reader.Lanes[lane].CursorMoved)
        {
            reader.Lanes[lane].CursorMoved = true;
            moved.Add((reader, lane));
        }
    }

    private void Tell(Reader reader, int lane, in InFlight entry)
    {
        // What is gone from the store was counted off when it went.
        if (entry.State == InFlightState.Expired)
            return;

        // Of what it posted to a topic itself a member is no recipient.
        bool isOwn = reader.IsOfTopic && entry.Sender == reader.Member;
        bool first = reader.Box.Pass(lane, entry);
        if (entry.State == InFlightState.SetAside)
        {
            turn.Write(new SetAside(reader.No, entry.Message, EntryOf(reader, lane, entry)));
            if (!first || isOwn)
                return;
            reader.Box.AddAside(entry.Position);
            turn.Write(new RecordOutcome(
                entry.Message, reader.Box.No, new Outcome(OutcomeState.SetAside, turn.Now, Reason: null, Proof: null)));
        }
        else if (first)
        {
            if (!isOwn)
                tallies.Delivered(entry, reader.Box);
        }
        else
        {
            TakeUp(reader.Box, entry);
        }
    }

    private static Entry EntryOf(Reader reader, int lane, in InFlight entry) =>
        new(entry.FromShared ? reader.Shared!.No : reader.Box.No, (Lane)lane, entry.Position);
}
