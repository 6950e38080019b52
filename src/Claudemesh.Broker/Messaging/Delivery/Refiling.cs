namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>Moves what waits for a session that is gone for good to its member, under new positions.</summary>
internal sealed class Refiling(Turn turn, Mailboxes mailboxes, Pusher pusher, Tallies tallies)
{
    private List<Refile> waiting = [];

    public void Start(Refile refile)
    {
        mailboxes.Touch(refile.From);
        mailboxes.Touch(refile.To);
        waiting.Add(refile);
    }

    /// <summary>Entries of this mailbox are gone: what waits to be moved was read before, and is read again another time.</summary>
    public void Forget(MailboxNo from) => waiting.RemoveAll(refile => refile.From == from);

    /// <summary>Once per step: those whose mailboxes are known.</summary>
    public void GoOn()
    {
        if (waiting.Count == 0)
            return;

        List<Refile> before = waiting;
        waiting = [];
        foreach (Refile refile in before)
        {
            Mailbox from = mailboxes.Touch(refile.From);
            Mailbox to = mailboxes.Touch(refile.To);
            if (!from.Loaded || !to.Loaded)
                waiting.Add(refile);
            else if (from.Readers.Count == 0 && !from.Refiling)
                Move(refile, from, to);
        }
    }

    public void Commit(Batch batch)
    {
        foreach ((Message message, MoveEntry move) in batch.Moved)
        {
            Mailbox from = mailboxes.Touch(move.From.Mailbox);
            Mailbox to = mailboxes.Touch(move.To.Mailbox);
            from.Refiling = false;
            to.Uncommitted--;
            to.Last[(int)move.To.Lane] = move.To.Position;
            from.RemoveWaiting(message.Sender, message.Envelope.Size);
            from.MovedThrough[(int)move.From.Lane] = Math.Max(from.MovedThrough[(int)move.From.Lane], move.From.Position);
            pusher.Forget(from, move.From);
            tallies.Moved(message.Id);
            pusher.Offer(to, message, move.To);
        }
    }

    public void Fail(Batch batch)
    {
        foreach ((Message message, MoveEntry move) in batch.Moved)
        {
            Mailbox from = mailboxes.Touch(move.From.Mailbox);
            Mailbox to = mailboxes.Touch(move.To.Mailbox);
            from.Refiling = false;
            from.RemoveWaiting(message.Sender, message.Envelope.Size);
            to.Uncommitted--;
            to.RemoveWaiting(message.Sender, message.Envelope.Size);
            turn.CommitThrough(move.To.Position);
            to.Last[(int)move.To.Lane] = Math.Max(to.Last[(int)move.To.Lane], move.To.Position);
            pusher.LookAgain(to, move.To.Lane);

            // It may have moved all the same: the store knows.
            tallies.Moved(message.Id);
        }
    }

    private void Move(Refile refile, Mailbox from, Mailbox to)
    {
        foreach (Stored stored in refile.Entries)
        {
            Entry entry = stored.Entry;
            if (!MayMove(stored, from))
                continue;

            MoveEntry move = new(stored.Message.Id, stored.Message.Sender, entry, new Entry(to.No, entry.Lane, turn.TakePosition()));
            from.Refiling = true;
            to.Uncommitted++;
            to.AddWaiting(stored.Message.Sender, stored.Message.Envelope.Size);
            turn.Write(move);
            turn.Write(new RecordOutcome(stored.Message.Id, from.No, new Outcome(
                OutcomeState.Refiled, turn.Now, new Heir(move.To.Mailbox, move.To.Position).ToString(), Proof: null)));
            turn.Batch.Moved.Add((stored.Message, move));
        }
    }

    /// <summary>
    /// Not what a session said something of: it has the message, though it went without acknowledging. Nor what retention may have
    /// taken out already, since the entries were read.
    /// </summary>
    private bool MayMove(Stored stored, Mailbox from) =>
        stored.Entry.Position > Math.Max(from.Delivered[(int)stored.Entry.Lane], from.MovedThrough[(int)stored.Entry.Lane])
        && stored.Message.ExpiresAt > turn.Now
        && !from.IsAhead(stored.Message.Id);
}
