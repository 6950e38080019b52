using System.Collections.Immutable;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>
/// Tells senders how far their messages have come. A message with many recipients has one tally, told at most every 100 ms;
/// a signed state is told by itself. What is not in memory is asked for and never guessed.
/// </summary>
internal sealed class Tallies(Turn turn)
{
    public const int HeldMax = 1_024;
    private const int AskedMax = 4_096;

    private static readonly TimeSpan ToldAtMostEvery = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<MemberNo, int> wanted = [];
    private readonly Dictionary<MessageRef, MessageTally> held = [];
    private readonly LinkedList<MessageTally> leastRecentFirst = new();
    private readonly List<MessageTally> changed = [];
    private Instant? toldAt;

    public int Count => held.Count;

    /// <summary>When the next tallies are due; null when none has changed.</summary>
    public Instant? TellAt => changed.Count == 0 ? null : (toldAt ?? turn.Clock) + ToldAtMostEvery;

    /// <summary>When the least recently used tally may be dropped.</summary>
    public Instant? DropAt => leastRecentFirst.First is { } first ? first.Value.TouchedAt + turn.Bounds.IdleFacts : null;

    public void Want(MemberNo sender) => wanted[sender] = wanted.GetValueOrDefault(sender) + 1;

    public void Unwant(MemberNo sender)
    {
        if (wanted[sender] == 1)
            wanted.Remove(sender);
        else
            wanted[sender]--;
    }

    /// <summary>A message to more than one recipient was committed.</summary>
    public void Begin(Message message, ReadOnlySpan<MailboxNo> recipients, List<(MailboxNo Mailbox, string Reason)>? refused)
    {
        if (!wanted.ContainsKey(message.Sender))
            return;

        MessageTally tally = Add(message.Id, message.Sender, message.Recipients);
        tally.Begin(recipients);
        foreach ((MailboxNo mailbox, _) in refused ?? [])
        {
            tally.TryRaise(mailbox, OutcomeState.Refused);
            Change(tally);
        }

        Bound();
    }

    /// <summary>The first reader of a mailbox has stored the message.</summary>
    public void Delivered(in InFlight entry, Mailbox mailbox)
    {
        bool isAhead = mailbox.TakeAhead(entry.Message);

        // Who is not told now may be told of another recipient later: a tally that is held stays true.
        if (held.TryGetValue(entry.Message, out MessageTally? tally))
            Apply(tally, new TallyChange(mailbox.No, OutcomeState.Delivered, Progress: null));
        else if (!wanted.ContainsKey(entry.Sender))
            return;
        else if (entry is { Recipients: 1, FromShared: false } && entry.Position == entry.Message.Position && !isAhead)
            turn.Effect(new Notify(entry.Sender, entry.Message, new Tally(1, 1, 0, 0, 0, 0), Mailbox: null, Signed: null));
        else
            AskAndApply(entry.Message, entry.Sender, entry.Recipients, new TallyChange(mailbox.No, OutcomeState.Delivered, Progress: null));
    }

    /// <summary>A recipient does not let this sender broadcast to it.</summary>
    public void Refused(Message message, MailboxNo mailbox)
    {
        TallyChange change = new(mailbox, OutcomeState.Refused, Progress: null);
        if (held.TryGetValue(message.Id, out MessageTally? tally))
            Apply(tally, change);
        else if (wanted.ContainsKey(message.Sender))
            AskAndApply(message.Id, message.Sender, message.Recipients, change);
    }

    /// <summary>A recipient says what became of a message. Only a state that rises is recorded.</summary>
    public void Progressed(Progress progress)
    {
        TallyChange change = new(progress.Mailbox, progress.Outcome.State, progress);
        if (held.TryGetValue(progress.Message.Id, out MessageTally? tally))
            Apply(tally, change);
        else
            AskAndApply(progress.Message.Id, progress.Message.Sender, progress.Message.Recipients, change);
    }

    public void Expired(Expired expired, in Lapsed entry)
    {
        // Of a broadcast the store alone knows for whom it lapsed.
        if (expired.Mailbox == turn.Everyone)
            Moved(entry.Message);
        TallyChange change = new(expired.Mailbox, expired.State, Progress: null);
        if (held.TryGetValue(entry.Message, out MessageTally? tally))
            Apply(tally, change);
        else if (!wanted.ContainsKey(entry.Sender))
            return;
        else if (entry.Recipients == 1 && expired.Reason is { } reason)
            turn.Effect(Alone(expired, entry, reason));
        else
            AskAndApply(entry.Message, entry.Sender, entry.Recipients, change);
    }

    /// <summary>The message's copy for one mailbox has moved to another; the store says it that way from now on.</summary>
    public void Moved(MessageRef message)
    {
        if (!held.TryGetValue(message, out MessageTally? tally))
            return;
        if (tally.Asked is null)
            Ask(tally);
        else
            tally.MustAskAgain = true;
    }

    public void Answered(Outcomes answer)
    {
        if (!held.TryGetValue(answer.Message, out MessageTally? tally) || tally.Asked is not { } changes)
            return;

        if (tally.MustAskAgain)
        {
            tally.MustAskAgain = false;
            turn.Effect(new AskOutcomes(tally.Message));
            return;
        }

        tally.Load(answer);
        if (wanted.ContainsKey(tally.Sender))
            Change(tally);
        foreach (TallyChange change in changes)
            Apply(tally, change);
        Bound();
    }

    /// <summary>Signed states are durable and may be told.</summary>
    public void Commit(Batch batch)
    {
        foreach ((MessageTally tally, _) in batch.Progressed)
            tally.Uncommitted--;
        foreach ((MessageTally tally, Progress progress) in batch.Progressed)
        {
            if (wanted.ContainsKey(tally.Sender))
                turn.Effect(new Notify(tally.Sender, tally.Message, tally.Count, progress.Mailbox, progress.Outcome));
        }
    }

    /// <summary>Tells what has changed, if it is time. What is not yet durable is not told, nor anything with it.</summary>
    public void Tell()
    {
        if (TellAt is not { } at || turn.Clock < at)
            return;

        toldAt = turn.Clock;
        int kept = 0;
        for (int i = 0; i < changed.Count; i++)
        {
            MessageTally tally = changed[i];
            if (tally.Uncommitted > 0)
            {
                changed[kept++] = tally;
                continue;
            }

            tally.HasChanged = false;
            if (wanted.ContainsKey(tally.Sender))
                turn.Effect(new Notify(tally.Sender, tally.Message, tally.Count, Mailbox: null, Signed: null));

            // What settled it in this very step is not in the store yet: whoever needs the tally again must find it here.
            if (tally.IsSettled && tally.TouchedAt < turn.Clock)
                Drop(tally.Message);
        }

        changed.RemoveRange(kept, changed.Count - kept);
    }

    public void DropIdle()
    {
        while (DropAt <= turn.Clock && leastRecentFirst.First!.Value is { Asked: null, HasChanged: false, Uncommitted: 0 } idle)
            Drop(idle.Message);
    }

    /// <summary>The only recipient is gone: the sender is told why, which a tally alone could not say.</summary>
    private Notify Alone(Expired expired, in Lapsed entry, string reason)
    {
        bool isRefused = expired.State is OutcomeState.Refused;
        Tally tally = new(1, 0, 0, 0, isRefused ? 1 : 0, isRefused ? 0 : 1);
        return new Notify(entry.Sender, entry.Message, tally, expired.Mailbox, new Outcome(expired.State, turn.Now, reason, Proof: null));
    }

    private void AskAndApply(MessageRef message, MemberNo sender, int recipients, TallyChange change)
    {
        if (held.Count >= AskedMax)
        {
            turn.Ignored++;
            return;
        }

        MessageTally tally = Add(message, sender, recipients);
        Ask(tally);
        Apply(tally, change);
    }

    private void Ask(MessageTally tally)
    {
        tally.Asked = [];
        turn.Effect(new AskOutcomes(tally.Message));
    }

    private void Apply(MessageTally tally, TallyChange change)
    {
        Touch(tally);
        if (tally.Asked is not null)
        {
            tally.Asked.Add(change);
            return;
        }

        if (!tally.TryRaise(change.Mailbox, change.State))
        {
            if (change.Progress is not null)
                turn.Ignored++;
            return;
        }

        if (change.Progress is not { } progress)
        {
            Change(tally);
            return;
        }

        turn.Write(new RecordOutcome(tally.Message, change.Mailbox, progress.Outcome));
        tally.Uncommitted++;
        turn.Batch.Progressed.Add((tally, progress));
    }

    private void Change(MessageTally tally)
    {
        toldAt ??= turn.Clock;
        if (tally.HasChanged)
            return;
        tally.HasChanged = true;
        changed.Add(tally);
    }

    private MessageTally Add(MessageRef message, MemberNo sender, int recipients)
    {
        MessageTally tally = new(message, sender, recipients) { TouchedAt = turn.Clock };
        tally.Place = leastRecentFirst.AddLast(tally);
        held.Add(message, tally);
        return tally;
    }

    private void Touch(MessageTally tally)
    {
        tally.TouchedAt = turn.Clock;
        leastRecentFirst.Remove(tally.Place!);
        leastRecentFirst.AddLast(tally.Place!);
    }

    private void Drop(MessageRef message)
    {
        if (!held.TryGetValue(message, out MessageTally? tally) || tally.Asked is not null)
            return;
        held.Remove(message);
        leastRecentFirst.Remove(tally.Place!);
    }

    private void Bound()
    {
        for (LinkedListNode<MessageTally>? node = leastRecentFirst.First; held.Count > HeldMax && node is not null;)
        {
            LinkedListNode<MessageTally>? next = node.Next;
            Drop(node.Value.Message);
            node = next;
        }
    }
}
