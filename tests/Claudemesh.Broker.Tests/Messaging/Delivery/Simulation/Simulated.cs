using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Tests.Messaging.Delivery.Simulation;

/// <summary>
/// One seed: a core with a model of its log, of everybody's sockets, outboxes and inboxes, on one clock of its own. Everything
/// that can go wrong does; the promises are checked after every step, and once more when everybody is back.
/// </summary>
internal sealed class Simulated
{
    private readonly Dice dice;
    private readonly World world;
    private readonly BrokerNode node;
    private readonly Senders senders;
    private readonly Receivers receivers;
    private readonly Checks checks;

    /// <summary>A quiet place: connections last, time goes by, and who never acknowledges is found out.</summary>
    private readonly bool isQuiet;
    private ModelLog? backup;

    private Simulated(ulong seed)
    {
        dice = new Dice(seed);
        bool withDaemons = seed % 3 == 0;
        world = new World(withTopics: seed % 4 == 0);
        DeliveryBounds bounds = new()
        {
            InFlightMax = 1 + dice.Below(8),
            InFlightBytesMax = 100 + dice.Below(400),
            RecentSubmissionsMax = 1 + dice.Below(16),
            WaitingMax = 10 + dice.Below(40),
            WaitingBytesMax = 500 + dice.Below(2_000),
            WaitingPerSenderMax = 5 + dice.Below(20),
            HeldBytesMax = 100 + dice.Below(1_000),
            PassedGateMax = 1 + dice.Below(4),
        };
        isQuiet = dice.OneIn(3);
        ModelLog log = new() { Everyone = World.Everyone, Topics = world.Topics };
        log.Members.AddRange(world.Members.Select(member => new Addressee(World.BoxOf(member), member)));
        node = new BrokerNode(dice, bounds, log, (step, inputs) => checks!.See(step, inputs)) { NewsFirst = withDaemons, Topics = () => world.Topics.Inputs };
        senders = new Senders(dice, world, withDaemons);
        receivers = new Receivers(dice, world, node);
        checks = new Checks(world, node, senders, receivers);
        node.Post(BrokerNode.FromDirectory, new DirectoryChanged(world.Directory));
        PostTopics();
        if (world.Topics.Any)
            node.Turn(3);
    }

    /// <returns>What the run came to: a fingerprint of everything seen, and how many messages were written and stored.</returns>
    public static (ulong Fingerprint, long Written, long Stored) Run(ulong seed, int steps)
    {
        Simulated simulation = new(seed);
        int step = 0;
        try
        {
            for (; step < steps; step++)
                simulation.StepOnce();
            simulation.Settle();
        }
        catch (Exception failure)
        {
            throw new SimulationFailure(
                $"seed {seed}, step {step}: {failure.Message} Run it alone with CLAUDEMESH_SIM_SEED={seed}.", failure);
        }

        return (simulation.checks.Fingerprint, simulation.senders.Written, simulation.receivers.Stored);
    }

    private void StepOnce()
    {
        switch (dice.Below(100))
        {
            case < 24: Turn(); break;
            case < 36: Commit(); break;
            case < 46: Answer(); break;
            case < 63: receivers.ReceiveAny(); break;
            case < 75: senders.WriteAny(node); break;
            case < 77: senders.GoOn(node); break;
            case < 78: senders.SendAgain(node); break;
            case < 79: PassMinutes(); break;
            case < 81 when isQuiet && !dice.OneIn(20): Turn(); break;
            case < 81: receivers.DisconnectAny(); break;
            case < 88: receivers.ConnectAny(mayReplace: !isQuiet); break;
            case < 90: FlipGate(); break;
            case < 92: receivers.FlipRoom(); break;
            case < 95: Pass(); break;
            case < 96: receivers.SayProgress(); break;
            case < 97: ChangeSomething(); break;
            case < 98: Upkeep(); break;
            case < 99 when dice.OneIn(4): Disaster(); break;
            default: Turn(); break;
        }
    }

    /// <summary>One step at a time is in the log: meanwhile inputs wait.</summary>
    private void Turn()
    {
        if (node.InLog == 0)
            node.Turn(1 + dice.Below(12));
    }

    private void Commit()
    {
        if (node.InLog == 0)
            return;
        node.Commit(dice.Below(40) switch
        {
            0 => CommitEnd.Failed,
            1 => CommitEnd.DoneAndFailed,
            _ => CommitEnd.Done,
        });
    }

    private void Answer()
    {
        if (node.Questions > 0)
            node.AnswerOne();
    }

    private void FlipGate()
    {
        Peer peer = dice.Pick(world.Peers);
        receivers.ChangeGate(peer, dice.Below(3) switch { 0 => LaneGate.Now, 1 => LaneGate.Now | LaneGate.Next, _ => LaneGate.All });
    }

    /// <summary>Time passes, by a little or by a lot; sometimes somebody sets the clock back.</summary>
    private void Pass()
    {
        node.Pass(dice.Below(20) switch
        {
            < 10 => TimeSpan.FromMilliseconds(dice.Below(300)),
            < 15 => TimeSpan.FromSeconds(31),
            < 18 => TimeSpan.FromMinutes(5.5),
            18 => TimeSpan.FromHours(-1),
            _ => TimeSpan.FromHours(25),
        });
    }

    private void PassMinutes()
    {
        node.Pass(TimeSpan.FromMinutes(isQuiet ? 5.1 : 1));
    }

    private void ChangeSomething()
    {
        if (world.Topics.Any && dice.OneIn(2))
        {
            ChangeTopic();
            return;
        }

        world.Change(dice);
        node.Post(BrokerNode.FromDirectory, new DirectoryChanged(world.Directory));
    }

    private void PostTopics()
    {
        foreach (Input topic in world.Topics.Inputs)
            node.Post(BrokerNode.FromDirectory, topic);
    }

    /// <summary>Who joins is in the store before anybody else hears of it, behind what is committed there.</summary>
    private void ChangeTopic()
    {
        if (node.InLog == 0)
            node.Post(BrokerNode.FromDirectory, world.Topics.Change(dice, node.Log));
    }

    private void ForgetPosts()
    {
        MailboxNo topic = dice.OneIn(2) ? Topics.Private : Topics.Public;
        if (node.IsLogQuiet && node.Log.Forget(topic, 1 + dice.Below(3)) is { Length: > 0 } lapsed)
            node.Post(BrokerNode.FromLog, new Expired(topic, lapsed));
    }

    private void Upkeep()
    {
        if (world.Topics.Any && dice.OneIn(5))
        {
            ForgetPosts();
            return;
        }

        switch (dice.Below(6))
        {
            case 0:
                Register(world.SecondDevice);
                break;
            case 1 or 2:
                Peer session = dice.Pick(world.Peers.FindAll(peer => peer.Kind == ReaderKind.Session));
                session.IsRegistered = !session.IsRegistered;
                if (!session.IsRegistered)
                    receivers.CloseSession(session);
                break;
            case 3:
                Refile();
                break;
            case 4:
                backup = node.Log.Copy();
                break;
            default:
                Expire();
                break;
        }
    }

    /// <summary>A new device begins where an older one has not yet been.</summary>
    private void Register(Peer device)
    {
        if (device.IsRegistered || node.InLog > 0)
            return;
        device.IsRegistered = true;
        Peer older = world.Peers[0];
        foreach (CursorAt at in node.Log.CursorsOf(older.Reader))
        {
            device.Start[(int)at.Lane] = at.Through;
            device.CursorSeen[(int)at.Lane] = at.Through;
            node.Log.SetCursor(device.Reader, at.Source, at.Lane, at.Through);
        }
    }

    private void Refile()
    {
        Peer session = dice.Pick(world.Peers.FindAll(peer => peer.Kind == ReaderKind.Session));
        if (session.IsRegistered || !node.IsLogQuiet || node.IsOnItsWay<Refile>())
            return;
        MailboxNo from = session.Source.Mailbox;
        node.Post(BrokerNode.FromUpkeep, new Refile(from, World.BoxOf(session.Member), node.Log.Movable(from)));
    }

    private void Expire()
    {
        if (!node.IsLogQuiet || !dice.OneIn(3))
            return;
        node.Pass(TimeSpan.FromDays(31));
        foreach (Peer peer in world.Peers)
        {
            MailboxNo mailbox = peer.Source.Mailbox;
            if (node.Log.Expire(mailbox, node.Now) is { Length: > 0 } lapsed)
                node.Post(BrokerNode.FromLog, new Expired(mailbox, lapsed));
        }
    }

    private void Disaster()
    {
        receivers.LoseAll();
        switch (dice.Below(4))
        {
            case 0:
                node.Fence(world.Directory);
                break;
            case 1 when backup is not null:
                node.Restore(backup.Copy(), world.Directory);
                senders.Restored(node.Log);
                world.Peers.ForEach(peer => peer.LastStored.Clear());
                break;
            default:
                node.Crash(world.Directory);
                break;
        }

        senders.LoseAnswers();
        checks.Restarted();
    }

    /// <summary>Everybody comes back, behaves and stays, until nothing is left to do.</summary>
    private void Settle()
    {
        world.Reconcile();
        node.Post(BrokerNode.FromDirectory, new DirectoryChanged(world.Directory));
        world.Topics.Reopen();
        PostTopics();
        while (receivers.Sockets.Count > 0)
            receivers.Disconnect(receivers.Sockets[0]);
        Drain();
        foreach (Peer peer in world.Peers)
        {
            peer.IsRegistered = true;
            peer.Gate = LaneGate.All;
        }

        checks.Settle();
        for (int round = 0; round < 100; round++)
        {
            foreach (Peer peer in world.Peers)
                receivers.Connect(peer, wellBehaved: true);
            for (int letters = senders.Waiting; letters > 0; letters--)
            {
                senders.SendWaiting(node);
                Drain();
            }

            Drain();
            if (senders.IsQuiet)
                break;
            node.Pass(TimeSpan.FromSeconds(31));
        }

        TakeWhatIsAside();

        // What is told at most every 100 ms is told now.
        node.Pass(TimeSpan.FromSeconds(1));
        Drain();
        if (!senders.IsQuiet)
            throw new SimulationFailure("somebody never got an answer");
        checks.SeeTheEnd();
        checks.SeeThatTalliesAreExact();
        Probe();
        Leave();
    }

    /// <summary>What was set aside comes with the next connection, as far as it fits, and the rest with the one after.</summary>
    private void TakeWhatIsAside()
    {
        while (world.Peers.Exists(peer => peer.Kind != ReaderKind.Peek && !peer.HasLeft && node.Log.AsideOf(peer.Reader).Length > 0))
        {
            while (receivers.Sockets.Count > 0)
                receivers.Disconnect(receivers.Sockets[0]);
            Drain();
            foreach (Peer peer in world.Peers)
                receivers.Connect(peer, wellBehaved: true);
            Drain();
        }
    }

    /// <summary>One more message from everybody to everybody: its sender must be told that it arrived.</summary>
    private void Probe()
    {
        foreach (MemberNo sender in world.Members.Where(member => member != world.Members[2]))
        {
            foreach (MemberNo recipient in world.Members.Where(member => member != sender))
            {
                int told = checks.DeliveriesTold;
                senders.Send(senders.Write(World.Direct(recipient), sender, isNamed: false), node);
                Drain();
                if (checks.DeliveriesTold != told + 1)
                    throw new SimulationFailure($"member {sender.Value} was not told once that its message had arrived");
            }

            senders.Send(senders.Write(new Address.Group("g/sub"), sender, isNamed: false), node);
            Drain();
            node.Pass(TimeSpan.FromSeconds(1));
            Drain();
            if (checks.LastTally is not { Delivered: > 1 } tally || tally.Delivered != tally.Recipients)
                throw new SimulationFailure($"member {sender.Value} was not told that its message had reached the group");
        }

        foreach (TopicSeats topic in world.Topics.All)
        {
            foreach (Seat seat in topic.Seats.Where(seat => seat.MayPost && seat.Owner != world.Members[2] && topic.Seats.Length > 1))
            {
                senders.Send(senders.Write(new Address.Topic(topic.Mailbox), seat.Owner, isNamed: false), node);
                Drain();
                node.Pass(TimeSpan.FromSeconds(1));
                Drain();
                if (checks.LastTally is not { } tally || tally.Recipients != topic.Seats.Length - 1 || tally.Delivered != tally.Recipients)
                    throw new SimulationFailure($"member {seat.Owner.Value} was not told that its post had reached the topic: {checks.LastTally}");
            }
        }
    }

    private void Leave()
    {
        while (receivers.Sockets.Count > 0)
            receivers.Disconnect(receivers.Sockets[0]);
        senders.CloseDaemons(node);
        for (int minutes = 0; minutes < 3; minutes++)
        {
            Drain();
            node.Pass(TimeSpan.FromMinutes(6));
        }

        Drain();
        checks.SeeThatNothingIsHeld();
    }

    private void Drain()
    {
        for (int turns = 0; !node.IsQuiet || !receivers.IsQuiet; turns++)
        {
            if (turns > 20_000)
                throw new SimulationFailure("it never comes to rest");
            while (node.Questions > 0)
                node.AnswerOne();
            if (node.InLog > 0)
                node.Commit(CommitEnd.Done);
            node.Turn(100);
            receivers.ReceiveAll();
        }
    }
}
