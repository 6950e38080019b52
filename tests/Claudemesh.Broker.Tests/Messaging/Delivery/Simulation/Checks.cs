using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Tests.Messaging.Delivery.Simulation;

/// <summary>What must be true of every step, seen from outside the core.</summary>
internal sealed class Checks(World world, BrokerNode node, Senders senders, Receivers receivers)
{
    private readonly Dictionary<MessageRef, System.Collections.Immutable.ImmutableArray<Entry>> entries = [];
    private readonly HashSet<MessageRef> toldDelivered = [];
    private readonly Dictionary<MessageRef, Tally> tallies = [];
    private readonly Dictionary<MessageRef, Tally> toldWhileSettling = [];
    private readonly HashSet<MailboxNo> asked = [];
    private readonly Dictionary<ReaderNo, HashSet<long>> setAside = [];
    private readonly Dictionary<(ConnectionNo, ReaderNo), LaneGate> gates = [];
    private readonly HashSet<(ConnectionNo, ReaderNo)> gateChanged = [];
    private readonly Dictionary<MailboxNo, TopicSeats> topics = [];
    private readonly HashSet<MailboxNo> topicChanged = [];
    private readonly HashSet<ConnectionNo> crowded = [];
    private readonly HashSet<ConnectionNo> roomChanged = [];

    public int DeliveriesTold { get; private set; }

    public Tally? LastTally { get; private set; }

    /// <summary>Sums up everything that was seen: two runs of one seed must give the same.</summary>
    public ulong Fingerprint { get; private set; } = 14_695_981_039_346_656_037;

    public void See(Step step, Input[] inputs)
    {
        foreach (Input input in inputs)
            SeeInput(input);
        bool afterFailure = Array.Exists(inputs, input => input is CommitFailed);
        foreach (Output write in step.Writes)
            SeeWrite(write, afterFailure);
        foreach (Output effect in step.Effects)
            SeeEffect(effect);
        Mix(step.Writes.Count);
        gateChanged.Clear();
        topicChanged.Clear();
        roomChanged.Clear();
    }

    /// <summary>A new core starts from what the log has.</summary>
    public void Restarted()
    {
        toldDelivered.Clear();
        tallies.Clear();
        asked.Clear();
        foreach (Peer peer in world.Peers)
        {
            Array.Clear(peer.CursorSeen);
            foreach (CursorAt at in node.Log.CursorsOf(peer.Reader))
                peer.CursorSeen[(int)at.Lane] = at.Through;
        }
    }

    public IEnumerable<Entry> EntriesOf(MessageRef message) =>
        entries.TryGetValue(message, out var found) ? found : [];

    /// <summary>From here on every sender is told of everything, for good.</summary>
    public void Settle() => toldWhileSettling.Clear();

    /// <summary>Everybody is back and nothing is under way: everyone has what was meant for them.</summary>
    public void SeeTheEnd()
    {
        foreach (Peer peer in world.Peers)
        {
            if (peer.Kind == ReaderKind.Peek || peer.HasLeft)
                continue;
            for (int lane = 0; lane < 3; lane++)
            {
                foreach (Stored stored in Between(peer, lane, peer.Start[lane], MessageRef.PositionMax))
                {
                    if (!peer.Has(stored.Message) && MustHave(peer, stored))
                        throw new SimulationFailure($"reader {peer.Reader.Value} never got position {stored.Entry.Position} of lane {lane}");
                }
            }
        }

        if (node.Core.Figures.Waiting != 0)
            throw new SimulationFailure($"{node.Core.Figures.Waiting} entries are counted as waiting, and everything has arrived");
        foreach (Letter letter in senders.Accepted)
        {
            if (!senders.WasRestored && !node.Log.Messages.ContainsKey(letter.Id))
                throw new SimulationFailure($"message {letter.Id.Position} was acknowledged and is lost");
        }
    }

    /// <summary>Every recipient of every message has it or never will, and that is what the store says and what was last told.</summary>
    public void SeeThatTalliesAreExact()
    {
        foreach ((MessageRef id, Message message) in node.Log.Messages)
        {
            if (node.Log.Forgotten.Contains(id))
                continue;
            Tally stored = OutcomeCount.Of(message.Recipients, node.Log.OutcomesOf(id).Recipients);
            if (message.Envelope.Target.StartsWith('#'))
            {
                SeeThatTheSeatedHaveIt(message, stored);
                continue;
            }

            if (!IsExact(stored))
                throw new SimulationFailure($"message {id.Position} to {message.Envelope.Target} has come to {stored} in the end");
            if (toldWhileSettling.TryGetValue(id, out Tally told) && !IsExact(told))
                throw new SimulationFailure($"the last that was told of message {id.Position} to {message.Envelope.Target} is {told}");
        }
    }

    /// <summary>Only who has left a topic since may lack a post of it.</summary>
    private void SeeThatTheSeatedHaveIt(Message message, Tally stored)
    {
        MailboxNo topic = message.Envelope.Target == Topics.NameOf(Topics.Public) ? Topics.Public : Topics.Private;
        int missing = stored.Recipients - stored.Delivered - stored.Refused;
        if (missing > world.Topics.Left.GetValueOrDefault(topic))
            throw new SimulationFailure($"post {message.Id.Position} to {message.Envelope.Target} has come to {stored} in the end");
        if (missing > 0 && node.Log.OutcomesOf(message.Id).Recipients.Any(one => one.Outcome is null && world.Topics.Get(topic).Seats.Any(seat => seat.Mailbox == one.Mailbox)))
            throw new SimulationFailure($"post {message.Id.Position} to {message.Envelope.Target} waits for somebody who is in the topic");
    }

    private static bool IsExact(Tally tally) => tally.Delivered + tally.Refused + tally.Expired == tally.Recipients;

    public void SeeThatNothingIsHeld()
    {
        DeliveryFigures figures = node.Core.Figures;
        if (figures with { Remembered = 0, Ignored = 0 } != default)
            throw new SimulationFailure($"something is held for nobody: {figures}");
    }

    private void SeeInput(Input input)
    {
        switch (input)
        {
            case Attach attach:
                SeeGate(attach.Connection, attach.Reader, GateOf(attach));
                break;
            case GateChanged change:
                SeeGate(change.Connection, change.Reader, change.Gate);
                SeeGateOfTopics(change);
                break;
            case SeatsChanged change:
                topics[change.Topic.Mailbox] = change.Topic;
                topicChanged.Add(change.Topic.Mailbox);
                break;
            case Crowded full:
                crowded.Add(full.Connection);
                roomChanged.Add(full.Connection);
                break;
            case Room room:
                crowded.Remove(room.Connection);
                roomChanged.Add(room.Connection);
                break;
        }
    }

    private void SeeGate(ConnectionNo connection, ReaderNo reader, LaneGate gate)
    {
        gates[(connection, reader)] = gate;
        gateChanged.Add((connection, reader));
    }

    /// <summary>A topic goes by the gate of the device whose connection it is read on.</summary>
    private LaneGate GateOf(Attach attach) =>
        PeerOf(attach.Reader) is { IsOfTopic: true, Host: { } host } && gates.TryGetValue((attach.Connection, host.Reader), out LaneGate gate)
            ? gate
            : attach.Gate;

    private void SeeGateOfTopics(GateChanged change)
    {
        foreach (Peer peer in world.Peers.Where(peer => peer.IsOfTopic && peer.Host!.Reader == change.Reader && !PeerOf(change.Reader).IsOfTopic))
            SeeGate(change.Connection, peer.Reader, change.Gate);
    }

    private void SeeWrite(Output write, bool afterFailure)
    {
        switch (write)
        {
            case Append append:
                entries[append.Message.Id] = append.Entries;
                SeeAuthor(append);
                Mix(append.Message.Id.Value);
                break;
            case SetAside aside:
                if (!setAside.TryGetValue(aside.Reader, out HashSet<long>? positions))
                    setAside.Add(aside.Reader, positions = []);
                positions.Add(aside.Entry.Position);
                PeerOf(aside.Reader).MayComeLate.Add(aside.Message);
                break;
            case MoveCursor cursor:
                SeeCursor(cursor, afterFailure);
                break;
        }
    }

    private void SeeAuthor(Append append)
    {
        if (!append.Message.Envelope.Target.StartsWith('#'))
            return;
        TopicSeats topic = topics[append.Entries[0].Mailbox];
        if (append.Entries.Length != 1)
            throw new SimulationFailure("a post is not one entry");
        if (topicChanged.Contains(topic.Mailbox))
            return;
        if (!topic.IsOpen || (topic.Find(append.Message.Sender) is { } seat ? !seat.MayPost : !topic.IsPublic))
            throw new SimulationFailure("somebody posted who may not");
    }

    private void SeeCursor(MoveCursor cursor, bool afterFailure)
    {
        Peer peer = PeerOf(cursor.Reader);
        int lane = (int)cursor.Lane;
        Mix(cursor.Through);
        if (cursor.Through < peer.CursorSeen[lane] && !afterFailure)
            throw new SimulationFailure($"the cursor of reader {cursor.Reader.Value} went back");
        foreach (Stored passed in Between(peer, lane, peer.CursorSeen[lane], cursor.Through))
        {
            bool isAside = setAside.TryGetValue(cursor.Reader, out HashSet<long>? positions) && positions.Contains(passed.Entry.Position);
            if (!peer.Has(passed.Message) && !isAside && MustHave(peer, passed))
                throw new SimulationFailure($"the cursor of reader {cursor.Reader.Value} passed {passed.Entry.Position}, which it does not have");
        }

        peer.CursorSeen[lane] = Math.Max(peer.CursorSeen[lane], cursor.Through);
    }

    private void SeeEffect(Output effect)
    {
        switch (effect)
        {
            case Answer answer:
                Mix(answer.Origin.Ticket);
                senders.Hear(answer, node, EntriesOf);
                break;
            case Push push:
                Mix(push.Entry.Position);
                SeePush(push);
                break;
            case Ask ask when !asked.Add(ask.Mailbox):
                // The mailbox was forgotten, and with it what had been told ahead of delivery.
                tallies.Clear();
                break;
            case Notify notice:
                SeeNotice(notice);
                break;
            case Cut cut:
                if (receivers.Sockets.FirstOrDefault(socket => socket.No == cut.Connection) is { } lost)
                    receivers.Disconnect(lost);
                break;
        }
    }

    private void SeePush(Push push)
    {
        if (!node.Log.Messages.ContainsKey(push.Message.Id))
            throw new SimulationFailure($"position {push.Entry.Position} was pushed and is not stored");
        Peer peer = PeerOf(push.Reader);
        bool isBroadcast = push.Entry.Mailbox == World.Everyone;
        if (push.Entry.Mailbox != peer.Source.Mailbox && push.Entry.Mailbox != peer.Source.Shared)
            throw new SimulationFailure("something was pushed to somebody else");
        if (peer.IsOfTopic && !topicChanged.Contains(peer.Source.Shared!.Value) && !topics[peer.Source.Shared!.Value].HasSeat(peer.Source.Mailbox, peer.Member))
            throw new SimulationFailure("something was pushed to somebody who has left the topic");
        if (peer.IsOfTopic && peer.Kind != ReaderKind.Device && push.Message.Sender == peer.Member)
            throw new SimulationFailure("a 1.x client got its own post");
        if (isBroadcast && peer.IsOfTopic)
            throw new SimulationFailure("something was pushed to somebody else");
        if (isBroadcast && push.Message.Sender == peer.Member)
            throw new SimulationFailure("a member got its own broadcast");

        if (receivers.Sockets.FirstOrDefault(socket => socket.No == push.Connection) is not { } socket)
            return;
        if (!socket.Peers.Contains(peer))
            return;
        SeeDoors(push, peer);
        SeeChain(push, peer, socket);
        if (peer.Kind == ReaderKind.Peek && !socket.PushedToPeeker.Add(push.Message.Id))
            throw new SimulationFailure("a connection that only peeks got something twice");
        socket.Arriving.Enqueue(push);
    }

    private void SeeDoors(Push push, Peer peer)
    {
        if (gateChanged.Contains((push.Connection, push.Reader)) || roomChanged.Contains(push.Connection))
            return;
        bool passes = peer.Kind is ReaderKind.Legacy or ReaderKind.Peek && push.Previous == 0;
        if (!passes && ((int)gates[(push.Connection, push.Reader)] >> (int)push.Entry.Lane & 1) == 0)
            throw new SimulationFailure("something was pushed through a shut gate");
        if (crowded.Contains(push.Connection))
            throw new SimulationFailure("something was pushed where there is no room");
    }

    private static void SeeChain(Push push, Peer peer, Socket socket)
    {
        if (push.Again)
            return;
        if (peer.Kind is ReaderKind.Legacy or ReaderKind.Peek)
        {
            if (push.Entry.Position <= push.Previous)
                throw new SimulationFailure($"position {push.Entry.Position} was pushed after {push.Previous}");
            return;
        }

        (ReaderNo, Lane) line = (push.Reader, push.Entry.Lane);
        long last = socket.LastPushed.GetValueOrDefault(line);

        // A session that was closed and gateChanged again on the same socket starts anew.
        if (push.Previous != last && push.Previous != 0)
            throw new SimulationFailure($"position {push.Entry.Position} says that {push.Previous} came before, and it was {last}");
        if (push.Previous != 0 && push.Entry.Position <= last)
            throw new SimulationFailure($"position {push.Entry.Position} was pushed after {last}");
        if (push.Previous == 0 && last != 0 && peer.Kind == ReaderKind.Device)
            throw new SimulationFailure("a connection was pushed two first entries");
        socket.LastPushed[line] = push.Entry.Position;
    }

    private void SeeNotice(Notify notice)
    {
        Tally tally = notice.Tally;
        Mix(tally.Delivered);
        if (!node.Log.Messages.TryGetValue(notice.Message, out Message? message))
            throw new SimulationFailure("a sender was told of a message that is not stored");
        Outcomes known = node.Log.OutcomesOf(notice.Message);
        int having = known.Recipients.Count(recipient => world.Peers.Exists(peer => peer.Has(message)
            && (peer.Source.Mailbox == recipient.Mailbox || known.Heirs.Contains((recipient.Mailbox, peer.Source.Mailbox)))));
        if (tally.Delivered > having && !node.Log.Forgotten.Contains(notice.Message))
            throw new SimulationFailure($"a sender was told that {tally.Delivered} have a message, and {having} do: {notice}, {message.Envelope.Target}");
        if (tally.Delivered + tally.Refused + tally.Expired > tally.Recipients)
            throw new SimulationFailure($"a sender was told of more recipients than its message has: {notice}, {message.Envelope.Target}");
        LastTally = tally;
        toldWhileSettling[notice.Message] = tally;
        if (tallies.TryGetValue(notice.Message, out Tally told) && Sinks(told, tally))
            throw new SimulationFailure($"a receipt of message {notice.Message.Position} took back what was said: {told}, then {tally}");
        tallies[notice.Message] = tally;
        if (tally == new Tally(1, 1, 0, 0, 0, 0))
            DeliveriesTold++;
        if (notice.Signed is null && tally == new Tally(1, 1, 0, 0, 0, 0) && !toldDelivered.Add(notice.Message))
            throw new SimulationFailure("a sender was told twice of one delivery");
    }

    /// <summary>A refusal takes a recipient out of those who have it; nothing else takes anything back.</summary>
    private static bool Sinks(Tally before, Tally after) =>
        after.Read < before.Read
        || after.Refused < before.Refused
        || after.Expired < before.Expired
        || after.Surfaced + after.Refused < before.Surfaced + before.Refused
        || after.Delivered + after.Refused < before.Delivered + before.Refused;

    private bool MustHave(Peer peer, Stored stored)
    {
        MemberNo sender = stored.Message.Sender;
        bool isOwnBroadcast = stored.Entry.Mailbox == World.Everyone && sender == peer.Member;
        bool mayBeBlocked = stored.Entry.Mailbox == World.Everyone && world.EverBlocked.Contains((peer.Member, sender));
        bool isOwnPost = peer.IsOfTopic && peer.Kind != ReaderKind.Device && sender == peer.Member;
        return !isOwnBroadcast && !mayBeBlocked && !isOwnPost;
    }

    private System.Collections.Immutable.ImmutableArray<Stored> Between(Peer peer, int lane, long after, long through) =>
        node.Log.Between(peer.Reader, peer.Source, (Lane)lane, after, through);

    private Peer PeerOf(ReaderNo reader) => world.Peers.Find(peer => peer.Reader == reader)!;

    private void Mix(long value) => Fingerprint = (Fingerprint ^ (ulong)value) * 1_099_511_628_211;
}
