using System.Collections.Immutable;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>Puts entries before a reader, in order, as far as there is room.</summary>
internal sealed class Pushes(Turn turn, Cursors cursors, Tallies tallies)
{
    /// <summary>When the oldest entry in flight of some reader may have to be pushed again; null while nothing is in flight.</summary>
    public Instant? RepeatAt { get; set; }

    /// <summary>Takes the next entry of a reader's list: pushes it, or passes over it if it needs no push.</summary>
    /// <returns>False when there is no room for it.</returns>
    public bool TryTake(Reader reader, Message message, in Entry entry)
    {
        int lane = (int)entry.Lane;
        LaneReader at = reader.Lanes[lane];
        if (!reader.IsMeantFor(message, entry, turn.Directory))
        {
            cursors.Cover(reader, lane, entry.Position);
            if (message.Sender != reader.Member && reader.KeepsCursor)
                Refuse(reader, message);
            return true;
        }

        if (reader.Owner!.Connection.IsCrowded || !at.Ring.HasRoomFor(message.Envelope.Size, turn.Bounds))
            return false;

        int passed = at.FindPassed(entry.Position);
        InFlight inFlight = passed >= 0 ? at.Passed![passed] : Start(reader, message, entry);
        if (passed >= 0)
            at.Passed!.RemoveAt(passed);
        else if (entry.Position <= at.Resume)
            inFlight.State = InFlightState.Acknowledged;
        else
            Push(reader, message, entry, Exchange(at, entry.Position), again: false);

        at.Pushed = entry.Position;
        if (reader.KeepsCursor)
        {
            at.Ring.Add(inFlight);
            cursors.Release(reader, lane);
        }
        else
        {
            at.Through = entry.Position;
        }

        return true;
    }

    /// <summary>A multicast goes to a 1.x reader whatever its status; its turn in the list comes when the gate opens.</summary>
    public void PassShutGate(Reader reader, Message message, in Entry entry)
    {
        LaneReader at = reader.Lanes[(int)entry.Lane];
        if (!reader.MulticastsPassGate
            || !reader.IsReady
            || reader.Owner is not { Connection.IsCrowded: false }
            || reader.IsOpen((int)entry.Lane)
            || !IsMulticast(message, entry)
            || at.Passed?.Count >= turn.Bounds.PassedGateMax
            || !reader.IsMeantFor(message, entry, turn.Directory))
        {
            return;
        }

        Push(reader, message, entry, previous: 0, again: false);
        (at.Passed ??= []).Add(Start(reader, message, entry));
    }

    /// <summary>What was set aside is tried once more whenever the reader comes back, as far as it fits; the rest the time after.</summary>
    public List<Stored> Fitting(ImmutableArray<Stored> entries)
    {
        List<Stored> fitting = [];
        int bytes = 0;
        foreach (Stored stored in entries)
        {
            bytes += stored.Message.Envelope.Size;
            if (fitting.Count == DeliveryBounds.AsideMax || (fitting.Count > 0 && bytes > turn.Bounds.InFlightBytesMax))
                break;
            fitting.Add(stored);
        }

        return fitting;
    }

    public void OfferAside(Reader reader, List<Stored> entries)
    {
        for (int i = 0; i < entries.Count;)
        {
            Stored stored = entries[i];
            if (!reader.IsOpen((int)stored.Entry.Lane))
            {
                i++;
                continue;
            }

            entries.RemoveAt(i);
            Push(reader, stored.Message, stored.Entry, previous: 0, again: true);
            (reader.Aside ??= []).Add(Start(reader, stored.Message, stored.Entry));
        }
    }

    public bool AcknowledgeAside(Reader reader, MessageRef? message, byte[]? clientId)
    {
        int index = reader.Aside?.FindIndex(entry => entry.Is(message, clientId)) ?? -1;
        if (index < 0)
            return false;

        InFlight taken = reader.Aside![index];
        reader.Aside.RemoveAt(index);
        turn.Write(new ClearAside(reader.No, taken.Message));
        cursors.TakeUp(reader.Box, taken);
        return true;
    }

    public void Push(Reader reader, Message message, in Entry entry, long previous, bool again)
    {
        Invariant.Holds(entry.Position <= turn.CommittedThrough, "nothing is pushed before it is committed");
        turn.Effect(new Push(reader.Owner!.Connection.No, reader.No, message, entry, previous, again));
    }

    private void Refuse(Reader reader, Message message)
    {
        Outcome blocked = new(OutcomeState.Refused, turn.Now, MeshError.BlockedByGrants.Code, Proof: null);
        turn.Write(new RecordOutcome(message.Id, reader.Box.No, blocked));
        tallies.Refused(message, reader.Box.No);
    }

    private static long Exchange(LaneReader at, long position)
    {
        long previous = at.Previous;
        at.Previous = position;
        return previous;
    }

    private InFlight Start(Reader reader, Message message, in Entry entry)
    {
        Instant repeatAt = turn.Clock + Repeats.Waits[0];
        if (reader.KeepsCursor && (RepeatAt is not { } at || repeatAt < at))
            RepeatAt = repeatAt;
        return InFlight.Of(message, entry, entry.Mailbox == reader.Shared?.No, turn.Clock);
    }

    private bool IsMulticast(Message message, in Entry entry) =>
        entry.Mailbox == turn.Everyone || message.Envelope.Target.StartsWith('@');
}
