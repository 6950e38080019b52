using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>
/// Decides on submissions: the first rule that speaks against one refuses it; otherwise it gets a position and is appended.
/// One whose mailbox is not known yet is parked, and later ones for the same mailbox behind it, so that order holds.
/// </summary>
internal sealed class Acceptance(Turn turn, Mailboxes mailboxes, RecentSubmissions recent, SendOrder order)
{
    private readonly Recipients recipients = new(turn, mailboxes);
    private List<Pending> parked = [];
    private List<Pending> parkedBefore = [];
    private long drains;
    private bool factsCame;

    public int ParkedCount => parked.Count;

    public void Submit(Submit submit)
    {
        Origin origin = submit.Origin;
        order.Note(origin);
        if (turn.Directory.Removed.Contains(origin.Member))
        {
            Refuse(origin, MeshError.SenderRemoved);
            return;
        }

        if (order.Check(origin, submit.Key, line: null) is { } held)
        {
            TurnAway(new TurnAway(origin, submit.Key, held));
            return;
        }

        if (submit.Key is { } key && IsRepeat(submit, key))
        {
            order.Doubt(origin, (submit.To, submit.Lane));
            return;
        }

        Pending pending = new(submit);
        recent.Reserve(pending);
        turn.HeldBytes += pending.Size;
        if (recipients.AreKnown(pending))
            Decide(pending);
        else
            Park(pending);
    }

    /// <summary>The shell could not let a submission through for now.</summary>
    public void TurnAway(TurnAway turned)
    {
        order.Note(turned.Origin);
        order.Hold(turned.Origin, turned.Key, turned.Line, turned.Why);
        Refuse(turned.Origin, turned.Why);
    }

    public void FactsCame() => factsCame = true;

    /// <summary>Once per step that learned of a mailbox: what was parked for it goes on, in the order in which it came.</summary>
    public void DecideParked()
    {
        if (!factsCame)
            return;

        factsCame = false;
        drains++;
        (parked, parkedBefore) = (parkedBefore, parked);
        foreach (Pending pending in parkedBefore)
        {
            Recipients.Unpark(pending);
            if (turn.Directory.Removed.Contains(pending.Sender))
                Refuse(pending, MeshError.SenderRemoved);
            else if (recipients.AreKnown(pending, drains))
                Decide(pending);
            else
                Park(pending);
        }

        parkedBefore.Clear();
    }

    /// <summary>The submission's rows are durable.</summary>
    public void Accept(Pending pending)
    {
        Message message = pending.Append!.Message;
        Settle(pending);
        recent.Remember(pending, message);
        Answer(pending.Submit.Origin, message.Id, message.Recipients, again: false);
        foreach (Origin repeat in pending.Repeats ?? [])
            Answer(repeat, message.Id, message.Recipients, again: true);
    }

    /// <summary>The commit has failed: of what its senders were refused meanwhile, each is younger than these.</summary>
    public void Refuse(List<Pending> failed, MeshError error)
    {
        foreach (Pending pending in failed)
        {
            foreach (Origin origin in pending.Origins)
                order.Renew(origin, LineOf(pending));
        }

        foreach (Pending pending in failed)
            Refuse(pending, error);
    }

    public void Refuse(Pending pending, MeshError error)
    {
        Settle(pending);
        foreach (Origin origin in pending.Origins)
        {
            order.Hold(origin, pending.Submit.Key, LineOf(pending), error);
            Refuse(origin, error);
        }
    }

    public void RefuseParked(MeshError error)
    {
        foreach (Pending pending in parked)
        {
            Recipients.Unpark(pending);
            Refuse(pending, error);
        }

        parked.Clear();
    }

    public void Refuse(Origin origin, MeshError error) =>
        turn.Effect(new Answer(origin, new SubmitResult.Refused(error)));

    private static bool IsSame(byte[]? fingerprint, byte[]? other) =>
        fingerprint is null ? other is null : other is not null && fingerprint.AsSpan().SequenceEqual(other);

    private static (Address To, Lane Lane) LineOf(Pending pending) => (pending.Submit.To, pending.Submit.Lane);

    private bool IsRepeat(Submit submit, ClientKey key)
    {
        Origin origin = submit.Origin;
        if (recent.FindPending(origin.Member, key.Id) is { } pending)
        {
            if (IsSame(key.Fingerprint, pending.Submit.Key!.Fingerprint))
                (pending.Repeats ??= []).Add(origin);
            else
                Refuse(origin, MeshError.IdempotencyConflict);
            return true;
        }

        if ((recent.FindKnown(origin.Member, key.Id) ?? submit.Earlier) is not { } known)
            return false;

        if (IsSame(key.Fingerprint, known.Fingerprint))
            Answer(origin, known.Message, known.Recipients, again: true);
        else
            Refuse(origin, MeshError.IdempotencyConflict);
        return true;
    }

    private void Park(Pending pending)
    {
        recipients.Park(pending, drains);
        parked.Add(pending);
    }

    private void Decide(Pending pending)
    {
        if ((order.Check(pending.Submit.Origin, pending.Submit.Key, LineOf(pending)) ?? recipients.Choose(pending)) is { } error)
        {
            Refuse(pending, error);
            return;
        }

        Submit submit = pending.Submit;
        long position = turn.TakePosition();
        Message message = new(
            new MessageRef(turn.Mesh, position),
            pending.Sender,
            submit.Envelope,
            submit.Lane,
            submit.Key,
            submit.ReplyTo,
            recipients.Count,
            turn.Now,
            submit.To is Address.Topic ? Instant.Never : turn.Now + turn.Bounds.Retention);
        pending.Append = new Append(message, recipients.Enter(message)) { Mentioned = submit.Mentioned };
        turn.Write(pending.Append);
        turn.Batch.Accepted.Add(pending);
        foreach ((MailboxNo mailbox, string reason) in pending.Refused ?? [])
            turn.Write(new RecordOutcome(message.Id, mailbox, new Outcome(OutcomeState.Refused, turn.Now, reason, Proof: null)));
    }

    private void Settle(Pending pending)
    {
        recent.Release(pending);
        turn.HeldBytes -= pending.Size;
    }

    private void Answer(Origin origin, MessageRef message, int count, bool again)
    {
        Invariant.Holds(
            message.Mesh != turn.Mesh || message.Position <= turn.CommittedThrough, "nothing is answered before it is committed");
        turn.Effect(new Answer(origin, new SubmitResult.Accepted(message, count, again)));
    }
}
