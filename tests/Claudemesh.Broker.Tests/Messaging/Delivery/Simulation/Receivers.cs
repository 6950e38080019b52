using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Tests.Messaging.Delivery.Simulation;

/// <summary>Everybody's sockets and inboxes.</summary>
internal sealed class Receivers(Dice dice, World world, BrokerNode node)
{
    private readonly List<Socket> sockets = [];
    private long connections;

    public IReadOnlyList<Socket> Sockets => sockets;

    public bool IsQuiet => sockets.TrueForAll(socket => socket.Arriving.Count == 0);

    public long Stored { get; private set; }

    public void ConnectAny(bool mayReplace)
    {
        Peer peer = dice.Pick(world.Peers);
        if (peer.IsRegistered && (mayReplace || peer.Sockets.Count == 0))
            Connect(peer, wellBehaved: false);
    }

    public void Connect(Peer peer, bool wellBehaved)
    {
        // Only devices and the shared 1.x reader come on a second socket while the first is not known to be lost.
        int most = wellBehaved || peer.Host is not null || peer.Kind is ReaderKind.Peek ? 1 : 2;
        if (peer.HasLeft || peer.Sockets.Count >= most || (peer.Host is { } host && host.Sockets.Count == 0))
            return;

        Socket socket = peer.Host?.Sockets[^1] ?? Open(wellBehaved);
        peer.Sockets.Add(socket);

        // Who only peeks has no place of its own to go on from.
        if (peer.Kind == ReaderKind.Peek)
            peer.LastStored.Clear();
        socket.Peers.Add(peer);
        node.Post(socket.No.Value, new Attach(
            socket.No, peer.Reader, peer.Kind, peer.Member, peer.Gate, peer.Source, peer is { IsOfTopic: true, Kind: ReaderKind.Peek } ? AtTheEnd(peer) : node.Log.CursorsOf(peer.Reader),
            Receipts: peer.Kind == ReaderKind.Device && !peer.IsOfTopic, node.Log.AsideOf(peer.Reader), dice.OneIn(2) ? ResumeOf(peer) : []));
    }

    /// <summary>The socket is lost: what it had still to say, or to hear, may be lost with it.</summary>
    public void Disconnect(Socket socket)
    {
        if (dice.OneIn(2))
            node.Unsay(socket.No.Value);
        Forget(socket);
        node.Post(socket.No.Value, new Detach(socket.No));
    }

    public void DisconnectAny()
    {
        if (sockets.Count > 0)
            Disconnect(dice.Pick(sockets));
    }

    /// <summary>The member has left the topic: the core is told so, and nothing more.</summary>
    public static void Leave(Peer reader)
    {
        reader.HasLeft = true;
        foreach (Socket socket in reader.Sockets)
            socket.Peers.Remove(reader);
        reader.Sockets.Clear();
    }

    public void CloseSession(Peer session)
    {
        foreach (Socket socket in session.Sockets)
        {
            socket.Peers.Remove(session);
            node.Post(socket.No.Value, new Detach(socket.No, session.Reader));
        }

        session.Sockets.Clear();
    }

    public void LoseAll()
    {
        while (sockets.Count > 0)
            Forget(sockets[^1]);
    }

    public void Forget(Socket socket)
    {
        sockets.Remove(socket);
        foreach (Peer peer in socket.Peers)
            peer.Sockets.Remove(socket);
    }

    public void ChangeGate(Peer peer, LaneGate gate)
    {
        peer.Gate = gate;
        foreach (Socket socket in peer.Sockets)
            node.Post(socket.No.Value, new GateChanged(socket.No, peer.Reader, gate));
    }

    public void FlipRoom()
    {
        if (sockets.Count == 0)
            return;
        Socket socket = dice.Pick(sockets);
        socket.IsCrowded = !socket.IsCrowded;
        node.Post(socket.No.Value, socket.IsCrowded ? new Crowded(socket.No) : new Room(socket.No));
    }

    public void MakeRoom()
    {
        foreach (Socket socket in sockets)
        {
            if (socket.IsCrowded)
                node.Post(socket.No.Value, new Room(socket.No));
            socket.IsCrowded = false;
        }
    }

    public void ReceiveAny()
    {
        if (sockets.Count > 0 && dice.Pick(sockets) is { Arriving.Count: > 0 } socket)
            Receive(socket);
    }

    public void ReceiveAll()
    {
        foreach (Socket socket in sockets)
        {
            while (socket.Arriving.Count > 0)
                Receive(socket);
        }
    }

    /// <summary>The recipient's word on something it has stored.</summary>
    public void SayProgress()
    {
        Peer peer = dice.Pick(world.Peers);
        if (peer.Sockets.Count == 0 || peer.Stored.Count == 0)
            return;
        MessageRef id = peer.Stored.ElementAt(dice.Below(peer.Stored.Count));
        if (!node.Log.Messages.TryGetValue(id, out Message? message))
            return;
        OutcomeState state = (OutcomeState)((int)OutcomeState.Surfaced + dice.Below(3));
        node.Post(
            peer.Sockets[^1].No.Value,
            new Progress(peer.Sockets[^1].No, peer.Source.Mailbox, message, new Outcome(state, node.Now, null, [1]), peer.Reader));
    }

    /// <summary>The reader's own word: up to where it has everything, whatever the broker knows of that.</summary>
    private ImmutableArray<CursorAt> ResumeOf(Peer peer)
    {
        if (peer.Kind is ReaderKind.Legacy or ReaderKind.Peek)
            return [];
        List<CursorAt> resume = [];
        foreach (CursorAt at in node.Log.CursorsOf(peer.Reader))
        {
            long through = at.Through;
            foreach (Stored stored in node.Log.Between(peer.Reader, peer.Source, at.Lane, through, MessageRef.PositionMax))
            {
                if (!peer.Has(stored.Message))
                    break;
                through = stored.Entry.Position;
            }

            resume.Add(at with { Through = through });
        }

        return [.. resume];
    }

    /// <summary>Who has no place of its own reads what comes from now on.</summary>
    private static ImmutableArray<CursorAt> AtTheEnd(Peer peer) =>
        [.. Enumerable.Range(0, 3).Select(lane => new CursorAt(peer.Source.Mailbox, (Lane)lane, MessageRef.PositionMax))];

    private Socket Open(bool wellBehaved)
    {
        Socket socket = new(new ConnectionNo(++connections), wellBehaved || dice.OneIn(2) ? Manner.Good : (Manner)dice.Below(5));
        sockets.Add(socket);
        return socket;
    }

    private void Receive(Socket socket)
    {
        Push push = socket.Arriving.Dequeue();
        if (world.Peers.Find(peer => peer.Reader == push.Reader) is not { } peer)
            throw new SimulationFailure("something was pushed to nobody");
        if (socket.Manner == Manner.Deaf)
        {
            peer.MayComeLate.Add(push.Message.Id);
            return;
        }

        Store(peer, push);
        if (socket.Manner == Manner.Mute || peer.Kind == ReaderKind.Peek)
            return;
        Acknowledge(socket, push);
        if (socket.Manner == Manner.Twice)
            Acknowledge(socket, push);
        if (socket.Manner == Manner.Stranger)
            AcknowledgeOthers(socket, peer);
    }

    private void Store(Peer peer, Push push)
    {
        bool passedGate = push.Previous == 0 && peer.Kind is ReaderKind.Legacy or ReaderKind.Peek;

        // What was passed over because it was blocked comes when that is lifted and the cursor's move was lost in a crash.
        bool mayHaveBeenBlocked = push.Entry.Mailbox == World.Everyone && world.EverBlocked.Contains((peer.Member, push.Message.Sender));
        if (push.Again || passedGate || mayHaveBeenBlocked)
            peer.MayComeLate.Add(push.Message.Id);
        bool isNew = !peer.Stored.Contains(push.Message.Id);
        peer.Store(push.Message);
        Stored++;

        (MemberNo, MailboxNo, Lane) line = (push.Message.Sender, push.Entry.Mailbox, push.Entry.Lane);
        if (!isNew || peer.MayComeLate.Contains(push.Message.Id))
            return;
        if (peer.LastStored.GetValueOrDefault(line) >= push.Entry.Position)
            throw new SimulationFailure($"reader {peer.Reader.Value} got position {push.Entry.Position} after a later one of the same sender");
        peer.LastStored[line] = push.Entry.Position;
    }

    private void Acknowledge(Socket socket, Push push)
    {
        bool byName = push.Message.Key is not null && dice.OneIn(3);
        // Only a connection that has one reader need not say which.
        bool names = world.Peers.Find(peer => peer.Reader == push.Reader)!.Kind != ReaderKind.Legacy || dice.OneIn(2);
        node.Post(socket.No.Value, new Acknowledge(
            socket.No, byName ? null : push.Message.Id, push.Message.Key?.Id, names ? push.Reader : null));
    }

    /// <summary>Acknowledges something that was never meant for this reader, so never pushed to it.</summary>
    private void AcknowledgeOthers(Socket socket, Peer peer)
    {
        foreach (Peer other in world.Peers)
        {
            if (other.Source.Mailbox == peer.Source.Mailbox || other.Stored.Count == 0)
                continue;
            MessageRef id = other.Stored.First();
            if (node.Log.Messages.TryGetValue(id, out Message? message) && !IsFor(peer, message))
                node.Post(socket.No.Value, new Acknowledge(socket.No, id, null, peer.Reader));
            return;
        }
    }

    private bool IsFor(Peer peer, Message message)
    {
        Source source = peer.Source;
        long position = message.Id.Position;
        return node.Log.Holds(source.Mailbox, message.Lane, position)
            || (source.Shared is { } everyone && node.Log.Holds(everyone, message.Lane, position))
            || node.Log.WasMoved(message.Id);
    }
}
