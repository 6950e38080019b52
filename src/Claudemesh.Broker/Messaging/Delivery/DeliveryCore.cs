using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>
/// The delivery of one workspace as a pure state machine: inputs in, a step out. No I/O, clock, randomness or locks; one loop
/// owns it. The same inputs give the same steps.
/// </summary>
/// <remarks>
/// The owner promises: each step with <see cref="Step.NeedsCommit"/> is answered by <see cref="Committed"/> or
/// <see cref="CommitFailed"/>, in order; each <see cref="Ask"/>, <see cref="Fetch"/> and <see cref="AskOutcomes"/> is answered,
/// however late; a page shows at least what was committed up to its <see cref="Fetch.AsOf"/>, and nothing above it.
/// No step is taken between one that needs a commit and the news of it, or what a sender wrote after the steps that failed is not held back.
/// </remarks>
internal sealed class DeliveryCore
{
    private readonly Turn turn;
    private readonly Mailboxes mailboxes;
    private readonly RecentSubmissions recent;
    private readonly SendOrder order = new();
    private readonly Acceptance acceptance;
    private readonly Tallies tallies;
    private readonly Pages pages;
    private readonly Pushes pushes;
    private readonly Pusher pusher;
    private readonly Readers readers;
    private readonly Refiling refiling;
    private readonly Queue<(Step Step, Batch Batch)> outstanding = new();
    private long steps;

    public DeliveryCore(CoreStart start, DeliveryBounds bounds)
    {
        turn = new Turn(start, bounds);
        mailboxes = new Mailboxes(turn);
        recent = new RecentSubmissions(bounds.RecentSubmissionsMax);
        acceptance = new Acceptance(turn, mailboxes, recent, order);
        tallies = new Tallies(turn);
        Cursors cursors = new(turn, tallies);
        pushes = new Pushes(turn, cursors, tallies);
        pages = new Pages(turn, pushes);
        pusher = new Pusher(turn, cursors, pushes, pages, new Repeats(turn, pushes, pages, cursors));
        readers = new Readers(turn, mailboxes, pusher, tallies);
        refiling = new Refiling(turn, mailboxes, pusher, tallies);
    }

    /// <summary>Another activation owns the workspace: everything is refused from now on, and nothing is pushed.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>More is held than may be: read no further from the sockets until it is false.</summary>
    public bool IsFull => turn.IsTight;

    /// <summary>How long after the last step a <see cref="Tick"/> has something to do; null when nothing is timed.</summary>
    public TimeSpan? WakeIn => Earliest() is { } at ? at - turn.Clock : null;

    public DeliveryFigures Figures => new(
        turn.HeldBytes, acceptance.ParkedCount, recent.PendingCount, recent.KnownCount, mailboxes.Count, mailboxes.Waiting, pusher.InFlight,
        readers.Count, readers.ConnectionCount, pages.Count, tallies.Count, outstanding.Count, order.Count, turn.Ignored);

    /// <summary>Whether a submission of this name is known here; if not, the store must be asked before it is submitted.</summary>
    public bool Remembers(MemberNo sender, byte[] clientId) =>
        recent.FindPending(sender, clientId) is not null || recent.FindKnown(sender, clientId) is not null;

    /// <param name="now">The wall clock. It may jump; deadlines only go by what it gains.</param>
    public Step Step(ReadOnlySpan<Input> inputs, Instant now)
    {
        Step step = new(new StepNo(++steps));
        turn.Begin(step, now);
        foreach (Input input in inputs)
        {
            if (IsClosed)
                RefuseClosed(input);
            else
                Apply(input);
        }

        acceptance.DecideParked();
        refiling.GoOn();
        pusher.Finish();
        recent.ForgetOldest();
        if (step.NeedsCommit)
            outstanding.Enqueue((step, turn.Batch));
        CheckInvariants();
        return step;
    }

    private void Apply(Input input)
    {
        switch (input)
        {
            case Submit submit: acceptance.Submit(submit); break;
            case TurnAway turned: acceptance.TurnAway(turned); break;
            case Acknowledge acknowledge: readers.Acknowledge(acknowledge); break;
            case Committed committed: Commit(committed); break;
            case CommitFailed failed: Fail(failed); break;
            case Page page: pusher.Page(page); break;
            case MailboxFacts facts: Load(facts); break;
            case Attach attach: readers.Attach(attach); break;
            case Detach detach: Detach(detach); break;
            case GateChanged change: readers.ChangeGate(change); break;
            case Room room: readers.MakeRoom(room.Connection); break;
            case Crowded crowded: readers.Crowd(crowded.Connection); break;
            case Progress progress: Progressed(progress); break;
            case Outcomes outcomes: tallies.Answered(outcomes); break;
            case Expired expired: Expire(expired); break;
            case Refile refile: refiling.Start(refile); break;
            case DirectoryChanged change: ChangeDirectory(change.Directory); break;
            case SeatsChanged change: ChangeTopic(change.Topic); break;
            case Tick: Wake(); break;
            default: throw new InvalidOperationException($"The core knows no input {input.GetType().Name}.");
        }
    }

    private void Detach(Detach detach)
    {
        readers.Detach(detach);
        if (detach.Reader is null)
            order.Forget(detach.Connection);
    }

    private void Commit(Committed committed)
    {
        (Step step, Batch batch) = Take(committed.Step);
        foreach (Pending pending in batch.Accepted)
            turn.CommitThrough(pending.Append!.Message.Id.Position);
        foreach ((_, MoveEntry move) in batch.Moved)
            turn.CommitThrough(move.To.Position);

        foreach (Pending pending in batch.Accepted)
        {
            (Message message, System.Collections.Immutable.ImmutableArray<Entry> entries) = pending.Append!;
            acceptance.Accept(pending);
            if (pending.Recipients is { } recipients)
                tallies.Begin(message, recipients, pending.Refused);
            foreach (Entry entry in entries)
            {
                Mailbox box = mailboxes.Touch(entry.Mailbox);
                box.Uncommitted--;
                box.Last[(int)entry.Lane] = entry.Position;
                pusher.Offer(box, message, entry);
            }
        }

        refiling.Commit(batch);
        foreach ((_, Progress progress) in batch.Progressed)
            mailboxes.Touch(progress.Mailbox).NoteAhead(progress.Message);
        tallies.Commit(batch);
        Invariant.Holds(step.NeedsCommit, "only what was to be committed is");
    }

    private void Fail(CommitFailed failed)
    {
        (Step step, Batch batch) = Take(failed.Step);
        bool fenced = failed.Why == Failure.Fenced;
        acceptance.Refuse(batch.Accepted, fenced ? MeshError.WorkspaceMoved : MeshError.Unavailable);
        foreach (Pending pending in batch.Accepted)
        {
            Message message = pending.Append!.Message;
            turn.CommitThrough(message.Id.Position);
            foreach (Entry entry in pending.Append.Entries)
            {
                Mailbox box = mailboxes.Touch(entry.Mailbox);
                box.Uncommitted--;
                box.RemoveWaiting(message.Sender, message.Envelope.Size);
                LookAgain(box, entry);
            }
        }

        refiling.Fail(batch);
        if (fenced)
            Close();
        else
            WriteAgain(step, batch);
    }

    /// <summary>
    /// A commit whose failure was reported may yet have happened. Its positions are not used again, and readers look into the
    /// store before they go on, so that an entry nobody expects is still delivered.
    /// </summary>
    private void LookAgain(Mailbox box, Entry entry)
    {
        box.Last[(int)entry.Lane] = Math.Max(box.Last[(int)entry.Lane], entry.Position);
        pusher.LookAgain(box, entry.Lane);
    }

    /// <summary>What nobody will ask for a second time goes into the next step.</summary>
    private void WriteAgain(Step step, Batch batch)
    {
        foreach (Output write in step.Writes)
        {
            if (write is MoveCursor cursor)
            {
                // Its mailbox must not be dropped and read back before the store has this.
                mailboxes.Touch(cursor.Source);
                turn.WriteLazily(write);
            }
            else if (write is SetAside or ClearAside || (write is RecordOutcome { Outcome.State: not OutcomeState.Refiled } record && !IsOfFailed(record.Message, batch)))
                turn.Write(write);
        }

        turn.Batch.Progressed.AddRange(batch.Progressed);
    }

    private static bool IsOfFailed(MessageRef message, Batch batch) =>
        batch.Accepted.Exists(pending => pending.Append!.Message.Id == message);

    private (Step Step, Batch Batch) Take(StepNo no)
    {
        if (!outstanding.TryDequeue(out (Step Step, Batch Batch) oldest) || oldest.Step.No != no)
            throw new InvalidOperationException($"Step {no.Value} is not the one whose commit is awaited.");
        return oldest;
    }

    private void Load(MailboxFacts facts)
    {
        if (mailboxes.Find(facts.Mailbox) is not { Loaded: false } box)
            return;
        if (box.MustAskAgain)
        {
            box.MustAskAgain = false;
            turn.Effect(new Ask(box.No));
            return;
        }

        box.Load(facts.Facts);
        readers.MailboxLoaded(box);
        acceptance.FactsCame();
    }

    private void Progressed(Progress progress)
    {
        bool isTheirs = progress.Outcome.State is OutcomeState.Surfaced or OutcomeState.Read or OutcomeState.Refused
            && readers.MaySpeakFor(progress);
        if (!isTheirs)
        {
            turn.Ignored++;
            return;
        }

        mailboxes.Touch(progress.Mailbox).NoteAhead(progress.Message);
        tallies.Progressed(progress);
    }

    private void Expire(Expired expired)
    {
        refiling.Forget(expired.Mailbox);
        Mailbox? box = mailboxes.Find(expired.Mailbox);
        if (box is { Loaded: false })
            box.MustAskAgain = true;
        foreach (Lapsed lapsed in expired.Entries)
        {
            if (turn.UseOf(expired.Mailbox) == MailboxUse.Topic)
                Forget(box, lapsed);
            else if (box is not { Loaded: true } || Lapse(box, lapsed))
                tallies.Expired(expired, lapsed);
        }
    }

    /// <summary>What a topic's history no longer has is gone with its message: nobody can ask any more what became of it.</summary>
    private void Forget(Mailbox? box, in Lapsed lapsed)
    {
        if (box is not null)
            pusher.Forget(box, lapsed.Entry);
    }

    /// <returns>False when the entry was acknowledged at the last moment.</returns>
    private bool Lapse(Mailbox box, in Lapsed lapsed)
    {
        // A page that no longer shows the entry may have come first and taken a cursor past it: counted off it must be all the same.
        bool isWaiting = lapsed.Entry.Position > box.Delivered[(int)lapsed.Entry.Lane];
        box.RemoveWaiting(lapsed.Sender, lapsed.Size);
        bool wasAside = box.TakeAside(lapsed.Entry.Position);
        box.TakeAhead(lapsed.Message);
        pusher.Forget(box, lapsed.Entry);
        return isWaiting || wasAside || box.IsShared;
    }

    private void ChangeDirectory(Directory directory)
    {
        turn.Directory = directory;
        readers.RemoveMembers(directory);
    }

    private void ChangeTopic(TopicSeats topic)
    {
        turn.Topics[topic.Mailbox] = topic;
        readers.Reseat(topic);
    }

    private void Wake()
    {
        pusher.RepeatLapsed();
        tallies.Tell();
        tallies.DropIdle();
        if (outstanding.Count == 0)
            mailboxes.DropIdle();
    }

    private void Close()
    {
        IsClosed = true;
        acceptance.RefuseParked(MeshError.WorkspaceMoved);
        readers.CutAll(CloseReason.Fenced);
    }

    private void RefuseClosed(Input input)
    {
        if (input is Submit submit)
            acceptance.Refuse(submit.Origin, MeshError.WorkspaceMoved);
        else if (input is TurnAway turned)
            acceptance.Refuse(turned.Origin, MeshError.WorkspaceMoved);
        else if (input is CommitFailed or Committed && outstanding.Count > 0)
            FailClosed(outstanding.Dequeue().Batch);
        else if (input is Attach attach)
            turn.Effect(new Cut(attach.Connection, CloseReason.Fenced));
    }

    private void FailClosed(Batch batch)
    {
        foreach (Pending pending in batch.Accepted)
            acceptance.Refuse(pending, MeshError.WorkspaceMoved);
    }

    private Instant? Earliest()
    {
        Instant? at = pushes.RepeatAt;
        at = Sooner(at, tallies.TellAt);
        at = Sooner(at, tallies.DropAt);
        return Sooner(at, mailboxes.DropAt);

        static Instant? Sooner(Instant? one, Instant? other) => one is null || other < one ? other ?? one : one;
    }

    [System.Diagnostics.Conditional("DEBUG")]
    private void CheckInvariants()
    {
        Invariant.Holds(turn.HeldBytes >= 0, "no less than nothing is held");
        foreach (Reader reader in pusher.Attached)
            Invariant.HoldsFor(reader, turn.CommittedThrough, turn.Bounds);
        foreach (Mailbox box in mailboxes.All)
            Invariant.HoldsFor(box);
    }
}

/// <summary>What the core holds at present, for metrics and for tests that nothing stays behind.</summary>
/// <param name="Waiting">Entries that wait in the mailboxes that are in memory.</param>
/// <param name="Senders">Connections whose order is kept.</param>
internal readonly record struct DeliveryFigures(
    long HeldBytes, int Parked, int Pending, int Remembered, int Mailboxes, int Waiting, int InFlight, int Readers, int Connections, int Pages,
    int Tallies, int Outstanding, int Senders, long Ignored);
