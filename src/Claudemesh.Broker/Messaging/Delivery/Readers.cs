using System.Collections.Immutable;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>Who is attached to what: connections, the readers they read as, and whose turn it is.</summary>
internal sealed class Readers(Turn turn, Mailboxes mailboxes, Pusher pusher, Tallies tallies)
{
    private readonly Dictionary<ConnectionNo, Connection> connections = [];
    private readonly Dictionary<ReaderNo, Reader> readers = [];

    public int ConnectionCount => connections.Count;

    public int Count => pusher.Attached.Count;

    public void Attach(Attach attach)
    {
        Connection connection = GetOrAdd(attach.Connection);
        if (turn.Directory.Removed.Contains(attach.Member))
        {
            Cut(connection, CloseReason.Removed);
            return;
        }

        if (!turn.MayRead(attach.Source, attach.Member))
        {
            turn.Ignored++;
            return;
        }

        if (connection.Claims.Find(claim => claim.Reader.No == attach.Reader) is { } earlier)
            Withdraw(earlier);

        Reader reader = GetOrAdd(attach);
        if (reader.Owner is { } owner)
        {
            pusher.Rewind(reader);
            if (reader.Kind == ReaderKind.Device)
            {
                turn.Effect(new Cut(owner.Connection.No, CloseReason.Replaced));
                Drop(owner);
            }
        }

        Claim claim = new(connection, reader, attach);
        if (reader.IsOfTopic && connection.Claims.Find(other => other.Reader.Source.Shared == turn.Everyone) is { } main)
            claim.Gate = main.Gate;
        connection.Claims.Add(claim);
        reader.Claims.Add(claim);
        if (claim.Receipts)
            tallies.Want(reader.Member);
        pusher.Begin(reader);
    }

    public void Detach(Detach detach)
    {
        if (!connections.TryGetValue(detach.Connection, out Connection? connection))
            return;

        for (int i = connection.Claims.Count - 1; i >= 0; i--)
        {
            Claim claim = connection.Claims[i];
            if (detach.Reader is null || claim.Reader.No == detach.Reader)
                Withdraw(claim);
        }

        if (detach.Reader is null)
            connections.Remove(detach.Connection);
    }

    /// <summary>What lets through a member's own mailbox and everyone's lets through the topics on the same connection too.</summary>
    public void ChangeGate(GateChanged change)
    {
        if (FindClaim(change.Connection, change.Reader) is not { } claim)
            return;
        SetGate(claim, change.Gate);
        if (claim.Reader.Source.Shared != turn.Everyone)
            return;
        foreach (Claim topic in claim.Connection.Claims)
        {
            if (topic.Reader.IsOfTopic)
                SetGate(topic, change.Gate);
        }
    }

    /// <summary>Who has left a topic gets nothing more of it, however much is on its way.</summary>
    public void Reseat(TopicSeats topic)
    {
        if (mailboxes.Find(topic.Mailbox) is not { } box)
            return;
        foreach (Reader reader in box.Readers.Where(reader => !topic.HasSeat(reader.Source.Mailbox, reader.Member)).ToImmutableArray())
        {
            foreach (Claim claim in reader.Claims.ToImmutableArray())
                Withdraw(claim);
        }
    }

    public void Crowd(ConnectionNo no) => GetOrAdd(no).IsCrowded = true;

    public void MakeRoom(ConnectionNo no)
    {
        if (!connections.TryGetValue(no, out Connection? connection))
            return;
        connection.IsCrowded = false;
        foreach (Claim claim in connection.Claims)
        {
            if (claim.Reader.Owner == claim)
                pusher.Begin(claim.Reader);
        }
    }

    public void Acknowledge(Acknowledge acknowledgement)
    {
        if (connections.TryGetValue(acknowledgement.Connection, out Connection? connection))
        {
            foreach (Claim claim in connection.Claims)
            {
                if (acknowledgement.Reader is { } one && claim.Reader.No != one)
                    continue;
                if (claim.Reader.Owner == claim && pusher.Acknowledge(claim.Reader, acknowledgement.Message, acknowledgement.ClientId))
                    return;
            }
        }

        turn.Ignored++;
    }

    /// <summary>
    /// Whether the connection reads this mailbox, so that it may say what became of a message in it. Of its own posts nobody is a recipient.
    /// </summary>
    public bool MaySpeakFor(Progress progress) =>
        connections.TryGetValue(progress.Connection, out Connection? connection)
        && connection.Claims.Exists(claim =>
            claim.Reader.Source.Mailbox == progress.Mailbox
            && (progress.Reader is null || claim.Reader.No == progress.Reader)
            && !(claim.Reader.IsOfTopic && claim.Reader.Member == progress.Message.Sender));

    public void MailboxLoaded(Mailbox box)
    {
        foreach (Reader reader in box.Readers)
            pusher.Begin(reader);
    }

    /// <summary>Removed members read nothing more.</summary>
    public void RemoveMembers(Directory directory)
    {
        if (directory.Removed.Count == 0)
            return;
        foreach (Reader reader in pusher.Attached.Where(reader => directory.Removed.Contains(reader.Member)).Reverse().ToImmutableArray())
        {
            foreach (Claim claim in reader.Claims.ToImmutableArray())
                Cut(claim.Connection, CloseReason.Removed);
        }
    }

    public void CutAll(CloseReason why)
    {
        foreach (Reader reader in pusher.Attached.ToImmutableArray())
        {
            foreach (Claim claim in reader.Claims.ToImmutableArray())
                Cut(claim.Connection, why);
        }
    }

    private void Cut(Connection connection, CloseReason why)
    {
        if (!connections.ContainsKey(connection.No))
            return;
        turn.Effect(new Cut(connection.No, why));
        Detach(new Detach(connection.No));
    }

    private Connection GetOrAdd(ConnectionNo no)
    {
        if (!connections.TryGetValue(no, out Connection? connection))
        {
            connection = new Connection(no);
            connections.Add(no, connection);
        }

        return connection;
    }

    private Claim? FindClaim(ConnectionNo no, ReaderNo reader) =>
        connections.GetValueOrDefault(no)?.Claims.Find(claim => claim.Reader.No == reader);

    private Reader GetOrAdd(Attach attach)
    {
        // Connections that only peek share nothing, whatever number they come with.
        if (attach.Kind != ReaderKind.Peek && readers.TryGetValue(attach.Reader, out Reader? reader))
            return reader;

        Mailbox box = mailboxes.Touch(attach.Source.Mailbox);
        Mailbox? shared = attach.Source.Shared is { } no ? mailboxes.Touch(no) : null;
        reader = new Reader(attach, box, shared);
        if (reader.KeepsCursor)
        {
            readers.Add(attach.Reader, reader);
            Place(reader, attach.Cursors, box.TakeCursor(attach.Reader));
        }
        else
        {
            Place(reader, attach.Cursors, kept: null);
        }

        box.Readers.Add(reader);
        shared?.Readers.Add(reader);
        reader.Place = pusher.Attached.AddLast(reader);
        return reader;
    }

    /// <summary>A position that was never given out is nobody's place: a cursor may come from a store that was put back.</summary>
    private void Place(Reader reader, ImmutableArray<CursorAt> cursors, long[]? kept)
    {
        foreach (CursorAt cursor in cursors)
            reader.Lanes[(int)cursor.Lane].Through = Math.Min(cursor.Through, turn.CommittedThrough);
        for (int lane = 0; lane < LaneReader.Lanes; lane++)
        {
            LaneReader at = reader.Lanes[lane];
            at.Through = Math.Max(at.Through, kept?[lane] ?? 0);
            at.Pushed = at.Through;
        }
    }

    private void Withdraw(Claim claim)
    {
        Reader reader = claim.Reader;
        bool wasOwner = reader.Owner == claim;
        Drop(claim);
        if (!wasOwner)
            return;

        pusher.Rewind(reader);
        if (reader.Owner is not null)
        {
            pusher.Begin(reader);
            return;
        }

        pusher.Attached.Remove(reader.Place!);
        if (reader.KeepsCursor)
        {
            readers.Remove(reader.No);
            mailboxes.Touch(reader.Box.No).KeepCursor(reader);
        }

        reader.Box.Readers.Remove(reader);
        reader.Shared?.Readers.Remove(reader);
    }

    private void SetGate(Claim claim, LaneGate gate)
    {
        claim.Gate = gate;
        if (claim.Reader.Owner == claim)
            pusher.GateChanged(claim.Reader);
    }

    private void Drop(Claim claim)
    {
        claim.Connection.Claims.Remove(claim);
        claim.Reader.Claims.Remove(claim);
        if (claim.Receipts)
            tallies.Unwant(claim.Reader.Member);
    }
}
