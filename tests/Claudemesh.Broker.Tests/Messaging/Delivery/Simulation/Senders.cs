using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Tests.Messaging.Delivery.Simulation;

/// <summary>
/// Everybody's letters: each is sent until it is answered, under one name. With daemons, two members write by one, which keeps the order; other letters
/// are sent by hand.
/// </summary>
internal sealed class Senders
{
    private const long SourceBase = 1_000_000;

    private readonly Dice dice;
    private readonly World world;
    private readonly Dictionary<MemberNo, DaemonOutbox> daemons;
    private readonly Dictionary<long, Letter> awaited = [];
    private readonly Dictionary<(MemberNo, string), MessageRef> named = [];
    private readonly Dictionary<(MemberNo, MailboxNo, Lane), long> lastTicket = [];
    private readonly List<Letter> waiting = [];
    private readonly List<Letter> accepted = [];
    private long tickets;
    private long names;

    public Senders(Dice dice, World world, bool withDaemons)
    {
        this.dice = dice;
        this.world = world;
        MemberNo[] writers = withDaemons ? [world.Members[1], world.Members[3]] : [];
        daemons = writers.ToDictionary(member => member, _ => new DaemonOutbox(dice, () => ++tickets));
    }

    public IReadOnlyList<Letter> Accepted => accepted;

    public bool IsQuiet => awaited.Count == 0 && waiting.Count == 0 && daemons.Values.All(daemon => daemon.IsQuiet);

    public int Waiting => waiting.Count + daemons.Values.Sum(daemon => daemon.Waiting);

    public long Written { get; private set; }

    /// <summary>Set after a restore: what was acknowledged since the backup may be gone.</summary>
    public bool WasRestored { get; private set; }

    public Letter Write(Address to, MemberNo sender, bool isNamed)
    {
        MailboxNo? session = null;
        if (dice.OneIn(3) && sender == world.Members[0])
            session = World.FirstSession;
        ClientKey? key = isNamed ? new ClientKey(BitConverter.GetBytes(++names), dice.OneIn(4) ? null : [(byte)dice.Below(256)]) : null;
        string target = to is Address.Group group ? "@" + group.Name : to is Address.Topic topic ? Topics.NameOf(topic.Mailbox) : "x";
        Envelope envelope = new(new byte[32], target, 0, null, [], new byte[1 + dice.Below(dice.OneIn(20) ? 300 : 40)]);
        Letter letter = new(sender, session, to, (Lane)dice.Below(3), key, envelope);
        Written++;
        return letter;
    }

    public void WriteAny(BrokerNode node)
    {
        Address to = world.AnyAddress(dice);
        MemberNo sender = dice.Pick(world.Members);
        if (daemons.TryGetValue(sender, out DaemonOutbox? daemon))
        {
            for (int burst = dice.OneIn(4) ? 6 : 1; burst > 0; burst--)
                daemon.Add(Write(burst == 1 ? to : world.AnyAddress(dice), sender, isNamed: true));
            daemon.Fill(node, mayBeTurnedAway: true);
            return;
        }

        Letter letter = Write(to, sender, isNamed: !dice.OneIn(5));
        if (dice.OneIn(6))
            waiting.Add(letter);
        else
            Send(letter, node);
    }

    public void Send(Letter letter, BrokerNode node)
    {
        long ticket = ++tickets;
        letter.State = LetterState.Sent;
        awaited.Add(ticket, letter);
        node.Post(SourceBase + letter.Sender.Value, letter.Submit(ticket));
    }

    /// <summary>A letter that waits is sent. Daemons try again what they hold back, or lose their connection.</summary>
    public void GoOn(BrokerNode node)
    {
        SendOne(node);
        foreach (DaemonOutbox daemon in daemons.Values)
        {
            if (dice.OneIn(12))
                daemon.Lose(node, wasRead: dice.OneIn(2));
            else if (dice.OneIn(12))
                daemon.Withdraw();
            else if (dice.OneIn(2))
                daemon.WaitEnough();
            daemon.Fill(node, mayBeTurnedAway: true);
        }
    }

    public void CloseDaemons(BrokerNode node)
    {
        foreach (DaemonOutbox daemon in daemons.Values)
            daemon.Lose(node, wasRead: true);
    }

    /// <summary>A letter that waits is sent, and by daemons all that may go.</summary>
    public void SendWaiting(BrokerNode node)
    {
        SendOne(node);
        foreach (DaemonOutbox daemon in daemons.Values)
        {
            daemon.WaitEnough();
            daemon.Fill(node, mayBeTurnedAway: false);
        }
    }

    private void SendOne(BrokerNode node)
    {
        if (waiting.Count == 0)
            return;
        int index = dice.Below(waiting.Count);
        Letter letter = waiting[index];
        waiting.RemoveAt(index);
        Send(letter, node);
    }

    /// <summary>The same name again: with the same text, which must change nothing, or with another, which must be refused.</summary>
    public void SendAgain(BrokerNode node)
    {
        if (accepted.Count == 0)
            return;
        Letter letter = dice.Pick(accepted);
        if (letter.Key is not { } key)
            return;
        if (dice.OneIn(2))
        {
            Send(letter, node);
            return;
        }

        ClientKey forged = key with { Fingerprint = [1, 2, 3] };
        Send(new Letter(letter.Sender, letter.Session, letter.To, letter.Lane, forged, letter.Envelope) { IsForgery = true }, node);
    }

    public void Hear(Answer answer, BrokerNode node, Func<MessageRef, IEnumerable<Entry>> entriesOf)
    {
        if (HearByDaemon(answer, node))
            return;
        if (!awaited.Remove(answer.Origin.Ticket, out Letter? letter))
            throw new SimulationFailure($"ticket {answer.Origin.Ticket} was answered twice");

        if (answer.Result is SubmitResult.Accepted result)
            HearAccepted(answer.Origin.Ticket, letter, result, node, entriesOf);
        else if (answer.Result is SubmitResult.Refused refused)
            HearRefused(letter, refused);
    }

    private bool HearByDaemon(Answer answer, BrokerNode node)
    {
        if (answer.Origin.Connection is null || !daemons.TryGetValue(answer.Origin.Member, out DaemonOutbox? daemon))
            return false;

        Letter? letter = daemon.Take(answer.Origin.Ticket, out bool isMine);
        if (!isMine)
            throw new SimulationFailure($"ticket {answer.Origin.Ticket} of a daemon was answered twice");
        if (letter is not null && answer.Result is SubmitResult.Accepted result)
        {
            SeeName(letter, result, node);
            daemon.HearAccepted(letter, result.Message, isInOrder: !WasRestored);
            NoteAccepted(letter, result.Message);
        }
        else if (letter is not null && answer.Result is SubmitResult.Refused refused)
        {
            if (!refused.Error.Retryable)
                HearRefused(letter, refused);
            daemon.HearRefused(letter, refused.Error);
        }

        return true;
    }

    /// <summary>The broker is gone: what was not answered is sent again, if it has a name.</summary>
    public void LoseAnswers()
    {
        foreach (Letter letter in awaited.Values.Distinct())
            Lose(letter);
        awaited.Clear();
        lastTicket.Clear();
        foreach (DaemonOutbox daemon in daemons.Values)
            daemon.Forget();
    }

    public void Restored(ModelLog log)
    {
        WasRestored = true;
        foreach (var (name, id) in named.ToList())
        {
            if (!log.Messages.ContainsKey(id))
                named.Remove(name);
        }
    }

    private void HearAccepted(
        long ticket, Letter letter, SubmitResult.Accepted result, BrokerNode node, Func<MessageRef, IEnumerable<Entry>> entriesOf)
    {
        SeeName(letter, result, node);
        foreach (Entry entry in result.Again ? [] : entriesOf(result.Message))
        {
            (MemberNo, MailboxNo, Lane) line = (letter.Sender, entry.Mailbox, entry.Lane);
            if (lastTicket.GetValueOrDefault(line) > ticket)
                throw new SimulationFailure("two messages of one sender to one mailbox were accepted in the wrong order");
            lastTicket[line] = ticket;
        }

        if (dice.OneIn(30))
        {
            Lose(letter);
            return;
        }

        NoteAccepted(letter, result.Message);
    }

    private void SeeName(Letter letter, SubmitResult.Accepted result, BrokerNode node)
    {
        if (!node.Log.Messages.ContainsKey(result.Message))
            throw new SimulationFailure($"message {result.Message.Position} was acknowledged and is not stored");
        if (letter.IsForgery && !WasRestored)
            throw new SimulationFailure("another text was accepted under a name that was taken");
        if (letter.Key is { } key && !named.TryAdd((letter.Sender, Convert.ToHexString(key.Id)), result.Message)
            && named[(letter.Sender, Convert.ToHexString(key.Id))] != result.Message)
        {
            throw new SimulationFailure("one name has two messages");
        }
    }

    private void NoteAccepted(Letter letter, MessageRef id)
    {
        if (letter.State != LetterState.Accepted)
            accepted.Add(letter);
        letter.State = LetterState.Accepted;
        letter.Id = id;
    }

    private void HearRefused(Letter letter, SubmitResult.Refused refused)
    {
        if (refused.Error.Retryable)
        {
            if (letter.State == LetterState.Sent && !letter.IsForgery)
            {
                letter.State = LetterState.Waiting;
                waiting.Add(letter);
            }

            return;
        }

        bool isFair = refused.Error.Code switch
        {
            "blocked" => world.EverBlocked.Any(pair => pair.Sender == letter.Sender),
            "own_session" => letter.To is Address.Direct direct && direct.Mailbox == letter.Session,
            "sender_removed" or "recipient_removed" => world.EverRemoved.Count > 0,
            "topic_not_found" => letter.To is Address.Topic { Mailbox: var topic } && topic == Topics.Private,
            "topic_read_only" => letter.To is Address.Topic,
            "topic_archived" => letter.To is Address.Topic && world.Topics.EverArchived,
            "idempotency_conflict" => letter.IsForgery || WasRestored,
            _ => false,
        };
        if (!isFair)
            throw new SimulationFailure($"refused without a reason: {refused.Error.Code}");
        if (letter.State == LetterState.Sent)
            letter.State = LetterState.Refused;
    }

    private void Lose(Letter letter)
    {
        if (letter.State != LetterState.Sent || letter.IsForgery)
            return;
        letter.State = letter.Key is null ? LetterState.Unknown : LetterState.Waiting;
        if (letter.Key is not null)
            waiting.Add(letter);
    }
}
