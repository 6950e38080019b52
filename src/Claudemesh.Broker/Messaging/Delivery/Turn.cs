namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>What the parts of the core share while they work on one step: the step itself, the time, and the workspace's edge.</summary>
internal sealed class Turn(CoreStart start, DeliveryBounds bounds)
{
    public MeshNo Mesh { get; } = start.Mesh;

    public MailboxNo Everyone { get; } = start.Everyone;

    public DeliveryBounds Bounds { get; } = bounds;

    public Directory Directory { get; set; } = Directory.Empty;

    /// <summary>The topics of the workspace by their mailboxes.</summary>
    public Dictionary<MailboxNo, TopicSeats> Topics { get; } = [];

    public Step Step { get; private set; } = new(default);

    /// <summary>What of this step must be told when it is committed.</summary>
    public Batch Batch { get; private set; } = new();

    /// <summary>The wall clock, for what people read.</summary>
    public Instant Now { get; private set; }

    /// <summary>Time that has passed, for deadlines: a wall clock that is set back stops it and never turns it.</summary>
    public Instant Clock { get; private set; }

    public long NextPosition { get; private set; } = start.NextPosition;

    /// <summary>No position above this one may be seen outside.</summary>
    public long CommittedThrough { get; private set; } = start.NextPosition - 1;

    /// <summary>Bytes of messages that are parked or not yet committed.</summary>
    public long HeldBytes { get; set; }

    public bool IsTight => HeldBytes > Bounds.HeldBytesMax;

    /// <summary>Acknowledgements and progress of what the reader was not pushed.</summary>
    public long Ignored { get; set; }

    public void Begin(Step step, Instant now)
    {
        if (Now.Micros != 0 && now > Now)
            Clock += now - Now;
        Now = now;
        Step = step;
        Batch = new Batch();
    }

    public MailboxUse UseOf(MailboxNo mailbox) =>
        mailbox == Everyone ? MailboxUse.Everyone : Topics.ContainsKey(mailbox) ? MailboxUse.Topic : MailboxUse.Own;

    /// <summary>A topic is read from a seat in it, and by nobody else.</summary>
    public bool MayRead(Source source, MemberNo member) =>
        source.Shared is not { } shared
        || shared == Everyone
        || (Topics.TryGetValue(shared, out TopicSeats? topic) && topic.HasSeat(source.Mailbox, member));

    public long TakePosition() => NextPosition++;

    public void CommitThrough(long position) => CommittedThrough = Math.Max(CommittedThrough, position);

    public void Effect(Output output) => Step.Effects.Add(output);

    /// <summary>A write that is worth a commit of its own.</summary>
    public void Write(Output output)
    {
        Step.Writes.Add(output);
        Step.NeedsCommit = true;
    }

    /// <summary>A write that may ride along with another.</summary>
    public void WriteLazily(Output output) => Step.Writes.Add(output);
}

/// <summary>Where a core starts; <see cref="Activation"/> says what the numbers mean.</summary>
internal sealed record CoreStart(MeshNo Mesh, long NextPosition, MailboxNo Everyone);

/// <summary>What waits for the commit of one step.</summary>
internal sealed class Batch
{
    public List<Pending> Accepted { get; } = [];

    public List<(Message Message, MoveEntry Move)> Moved { get; } = [];

    /// <summary>Signed states, for their senders.</summary>
    public List<(MessageTally Tally, Progress Progress)> Progressed { get; } = [];
}
