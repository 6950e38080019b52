namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>Delivers to attached readers: to those that are live as entries are committed, to those that are behind by pages.</summary>
internal sealed class Pusher(Turn turn, Cursors cursors, Pushes pushes, Pages pages, Repeats repeats)
{
    private readonly List<(Reader Reader, int Lane)> stalled = [];

    public LinkedList<Reader> Attached { get; } = new();

    /// <summary>Entries pushed and not acknowledged, counted one by one.</summary>
    public int InFlight => Attached.Sum(static reader => reader.Lanes.Sum(static lane => lane.Ring.Count));

    /// <summary>The connection whose turn it is gets what it came for, once the mailboxes are known and it has room.</summary>
    public void Begin(Reader reader)
    {
        if (!reader.IsReady || reader.Owner is not { } owner)
            return;

        if (owner.Start is { } start)
        {
            Place(reader);
            if (owner.Connection.IsCrowded)
                return;
            owner.Start = null;
            foreach (CursorAt at in start.Resume.IsDefault ? [] : start.Resume)
                reader.Lanes[(int)at.Lane].Resume = Math.Min(at.Through, turn.CommittedThrough);
            owner.Aside = reader.KeepsCursor && !start.Aside.IsDefault ? pushes.Fitting(start.Aside) : [];
        }

        pushes.OfferAside(reader, owner.Aside);
        pages.CatchUp(reader);
    }

    /// <summary>An entry was committed.</summary>
    public void Offer(Mailbox box, Message message, in Entry entry)
    {
        List<Reader> readers = box.Readers;
        for (int i = 0; i < readers.Count; i++)
        {
            Reader reader = readers[i];
            LaneReader lane = reader.Lanes[(int)entry.Lane];
            if (!lane.Live)
            {
                pushes.PassShutGate(reader, message, entry);
            }
            else if (turn.IsTight || !pushes.TryTake(reader, message, entry))
            {
                lane.Live = false;
                stalled.Add((reader, (int)entry.Lane));
            }
        }
    }

    /// <summary>It is not certain what the store holds: whoever reads the mailbox goes and looks.</summary>
    public void LookAgain(Mailbox box, Lane lane)
    {
        foreach (Reader reader in box.Readers)
        {
            reader.Lanes[(int)lane].Live = false;
            stalled.Add((reader, (int)lane));
        }
    }

    public void Page(Page page)
    {
        if (pages.Take(page.Fetch) is not { } fetched)
            return;
        if (fetched.IsRepeat)
            repeats.Show(fetched, page);
        else
            pages.Show(fetched, page);
    }

    public void GateChanged(Reader reader)
    {
        for (int lane = 0; lane < LaneReader.Lanes; lane++)
        {
            if (!reader.IsOpen(lane))
                reader.Lanes[lane].Live = false;
        }

        Begin(reader);
    }

    /// <returns>False when the reader was not pushed such a message, or has acknowledged it.</returns>
    public bool Acknowledge(Reader reader, MessageRef? message, byte[]? clientId)
    {
        for (int i = 0; i < LaneReader.Lanes; i++)
        {
            LaneReader lane = reader.Lanes[i];
            int index = lane.Ring.Find(message, clientId);
            if (index >= 0)
            {
                lane.Ring.Settle(index, InFlightState.Acknowledged);
                cursors.Release(reader, i);
                pages.CatchUp(reader, i);
                return true;
            }

            if (lane.Passed is not null && AcknowledgePassed(lane.Passed, message, clientId))
                return true;
        }

        return pushes.AcknowledgeAside(reader, message, clientId);
    }

    /// <summary>An entry is gone from the store: nobody waits for its acknowledgement, and pages that may show it are read anew.</summary>
    public void Forget(Mailbox box, in Entry entry)
    {
        foreach (Reader reader in box.Readers)
        {
            LaneReader lane = reader.Lanes[(int)entry.Lane];
            if (entry.Position > lane.Pushed)
                pages.Cancel(lane);

            int index = lane.Ring.FindPosition(entry.Position);
            if (index >= 0)
            {
                lane.Ring.Settle(index, InFlightState.Expired);
                cursors.Release(reader, (int)entry.Lane);
            }

            pages.CatchUp(reader, (int)entry.Lane);
        }
    }

    /// <summary>What is in flight is forgotten and not lost: whoever reads next starts at the cursor.</summary>
    public void Rewind(Reader reader)
    {
        foreach (LaneReader lane in reader.Lanes)
        {
            pages.Cancel(lane);
            lane.Rewind();
        }

        reader.Aside = null;
    }

    public void RepeatLapsed() => repeats.RepeatLapsed(Attached);

    /// <summary>The last words of a step: readers that stalled ask for pages, and cursors that moved are written once.</summary>
    public void Finish()
    {
        foreach ((Reader reader, int lane) in stalled)
            pages.CatchUp(reader, lane);
        stalled.Clear();
        cursors.Write();
    }

    /// <summary>Who keeps a cursor has been to it; who keeps none begins with what nobody has.</summary>
    private static void Place(Reader reader)
    {
        for (int i = 0; i < LaneReader.Lanes; i++)
        {
            LaneReader lane = reader.Lanes[i];
            if (reader.KeepsCursor)
                reader.Box.PassThrough(i, lane.Through);
            else if (lane.Pushed < reader.Box.Delivered[i])
                lane.Pushed = lane.Through = reader.Box.Delivered[i];
        }
    }

    private static bool AcknowledgePassed(List<InFlight> passed, MessageRef? message, byte[]? clientId)
    {
        int index = passed.FindIndex(entry => entry.State == InFlightState.Pushed && entry.Is(message, clientId));
        if (index < 0)
            return false;
        passed[index] = passed[index] with { State = InFlightState.Acknowledged };
        return true;
    }
}
