namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>Whoever empties a mailbox, while it is attached.</summary>
internal sealed class Reader(Attach attach, Mailbox box, Mailbox? shared)
{
    public ReaderNo No { get; } = attach.Reader;

    public ReaderKind Kind { get; } = attach.Kind;

    public MemberNo Member { get; } = attach.Member;

    public Source Source { get; } = attach.Source;

    public Mailbox Box { get; } = box;

    /// <summary>Everyone's mailbox or a topic's, read together with <see cref="Box"/> as one list.</summary>
    public Mailbox? Shared { get; } = shared;

    /// <summary>It reads a topic: <see cref="Box"/> is its member's seat there.</summary>
    public bool IsOfTopic => Shared is { Use: MailboxUse.Topic };

    public LaneReader[] Lanes { get; } = [new(), new(), new()];

    /// <summary>Those who want to read as this reader, newest last: it gets the pushes, the others wait their turn.</summary>
    public List<Claim> Claims { get; } = [];

    /// <summary>Its place among those that are attached.</summary>
    public LinkedListNode<Reader>? Place { get; set; }

    public Claim? Owner => Claims.Count > 0 ? Claims[^1] : null;

    /// <summary>Entries that had been set aside and were pushed once more on this connection.</summary>
    public List<InFlight>? Aside { get; set; }

    /// <summary>A reader that moves no cursor keeps none in the store and has nothing in flight.</summary>
    public bool KeepsCursor => Kind != ReaderKind.Peek;

    public bool IsReady => Box.Loaded && Shared is not { Loaded: false };

    /// <summary>1.x readers get multicasts whatever their status, as they always did.</summary>
    public bool MulticastsPassGate => Kind is ReaderKind.Legacy or ReaderKind.Peek;

    public long Newest(int lane) => Math.Max(Box.Last[lane], Shared?.Last[lane] ?? 0);

    public bool IsOpen(int lane) =>
        IsReady && Owner is { Connection.IsCrowded: false } owner && ((int)owner.Gate >> lane & 1) != 0;

    /// <summary>
    /// A member does not get its own broadcasts, nor those of whom it does not let broadcast to it. Of a topic its devices get what
    /// it wrote itself, because its other devices have not; a 1.x client would drop that without acknowledging it.
    /// </summary>
    public bool IsMeantFor(Message message, in Entry entry, Directory directory) =>
        Shared is null
        || entry.Mailbox != Shared.No
        || (IsOfTopic ? Kind == ReaderKind.Device || message.Sender != Member : IsBroadcastFor(message, directory));

    private bool IsBroadcastFor(Message message, Directory directory) =>
        message.Sender != Member && !directory.DeniesBroadcast(Member, message.Sender, message.Envelope.SenderKey);
}

/// <summary>One connection's wish to read as a reader.</summary>
internal sealed class Claim(Connection connection, Reader reader, Attach attach)
{
    public Connection Connection { get; } = connection;

    public Reader Reader { get; } = reader;

    public LaneGate Gate { get; set; } = attach.Gate;

    public bool Receipts { get; } = attach.Receipts;

    /// <summary>What it came with; used when it first gets its turn.</summary>
    public Attach? Start { get; set; } = attach;

    /// <summary>Entries that had been set aside and are still to be pushed once more.</summary>
    public List<Stored> Aside { get; set; } = [];
}

internal sealed class Connection(ConnectionNo no)
{
    public ConnectionNo No { get; } = no;

    public bool IsCrowded { get; set; }

    public List<Claim> Claims { get; } = [];
}
