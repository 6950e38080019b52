using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Tests.Messaging.Delivery.Simulation;

/// <summary>How a receiver treats what it is pushed.</summary>
internal enum Manner
{
    /// <summary>Stores, then acknowledges.</summary>
    Good,

    /// <summary>Drops it.</summary>
    Deaf,

    /// <summary>Stores it and says nothing.</summary>
    Mute,

    /// <summary>Stores it and acknowledges twice.</summary>
    Twice,

    /// <summary>Acknowledges, besides, what was never pushed to it.</summary>
    Stranger,
}

/// <summary>One connection as the peer sees it: what was pushed arrives in order until the socket is lost.</summary>
internal sealed class Socket(ConnectionNo no, Manner manner)
{
    public ConnectionNo No { get; } = no;

    public Manner Manner { get; set; } = manner;

    public Queue<Push> Arriving { get; } = new();

    public List<Peer> Peers { get; } = [];

    public bool IsCrowded { get; set; }

    /// <summary>Non-repeated pushes by reader and lane: the last position, for the chain that receivers check.</summary>
    public Dictionary<(ReaderNo, Lane), long> LastPushed { get; } = [];

    public HashSet<MessageRef> PushedToPeeker { get; } = [];
}

/// <summary>A reader with its daemon: what it stored survives everything that happens to the broker and to its sockets.</summary>
internal sealed class Peer(ReaderNo reader, ReaderKind kind, MemberNo member, Source source, Peer? host)
{
    private readonly HashSet<(long, string)> names = [];

    public ReaderNo Reader { get; } = reader;

    public ReaderKind Kind { get; } = kind;

    public MemberNo Member { get; } = member;

    public Source Source { get; } = source;

    /// <summary>A session speaks over its device's socket, and topics are read over it.</summary>
    public Peer? Host { get; } = host;

    public bool IsRegistered { get; set; } = true;

    /// <summary>Its member has left the topic that it read: it never comes back, and whoever joins again reads anew.</summary>
    public bool HasLeft { get; set; }

    public bool IsOfTopic => Source.Shared is { } shared && shared != World.Everyone;

    /// <summary>Where a device that came later begins.</summary>
    public long[] Start { get; } = new long[3];

    /// <summary>Connected sockets, newest last; more than one only for the shared 1.x reader.</summary>
    public List<Socket> Sockets { get; } = [];

    public LaneGate Gate { get; set; } = LaneGate.All;

    public HashSet<MessageRef> Stored { get; } = [];

    /// <summary>What it dropped at least once, or was pushed out of turn: it may come late.</summary>
    public HashSet<MessageRef> MayComeLate { get; } = [];

    public Dictionary<(MemberNo, MailboxNo, Lane), long> LastStored { get; } = [];

    public long[] CursorSeen { get; } = new long[3];

    public void Store(Message message)
    {
        Stored.Add(message.Id);
        if (message.Key is { } key)
            names.Add((message.Sender.Value, Convert.ToHexString(key.Id)));
    }

    /// <summary>Whether it holds the message under whatever id: after a restore, the same one may have got another.</summary>
    public bool Has(Message message) =>
        Stored.Contains(message.Id)
        || (message.Key is { } key && names.Contains((message.Sender.Value, Convert.ToHexString(key.Id))));
}
