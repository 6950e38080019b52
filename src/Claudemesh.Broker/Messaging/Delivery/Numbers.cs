namespace Claudemesh.Broker.Messaging.Delivery;

// Keys, names and ids live in small tables; hot rows and the core speak in their numbers.

internal readonly record struct MeshNo(long Value);

internal readonly record struct MemberNo(long Value);

internal readonly record struct MailboxNo(long Value);

/// <summary>Whoever empties a mailbox: a device of a member, a session, or the shared 1.x reader of a member.</summary>
internal readonly record struct ReaderNo(long Value);

/// <summary>One socket, for as long as it lives. Never used again.</summary>
internal readonly record struct ConnectionNo(long Value);

internal readonly record struct StepNo(long Value);

internal readonly record struct FetchNo(long Value);

/// <summary>Microseconds since 1970, UTC.</summary>
internal readonly record struct Instant(long Micros)
{
    /// <summary>When what has no end of its own expires: a post stays as long as its topic keeps it.</summary>
    public static Instant Never { get; } = new(long.MaxValue);

    public static Instant operator +(Instant at, TimeSpan span) => new(at.Micros + span.Ticks / 10);

    public static TimeSpan operator -(Instant later, Instant earlier) => TimeSpan.FromTicks((later.Micros - earlier.Micros) * 10);

    public static bool operator <(Instant left, Instant right) => left.Micros < right.Micros;

    public static bool operator >(Instant left, Instant right) => left.Micros > right.Micros;

    public static bool operator <=(Instant left, Instant right) => left.Micros <= right.Micros;

    public static bool operator >=(Instant left, Instant right) => left.Micros >= right.Micros;
}

/// <summary>A message's key inside the broker: the workspace's number above 40 bits of position.</summary>
internal readonly record struct MessageRef(long Value)
{
    public const int PositionBits = 40;
    public const long PositionMax = (1L << PositionBits) - 1;

    public MessageRef(MeshNo mesh, long position)
        : this(mesh.Value << PositionBits | position)
    {
    }

    public MeshNo Mesh => new(Value >> PositionBits);

    public long Position => Value & PositionMax;
}

/// <summary>The class of urgency in which a message waits. First in, first out inside a lane.</summary>
internal enum Lane : byte
{
    Now = 0,
    Next = 1,
    Low = 2,
}

/// <summary>Which lanes a reader takes at present.</summary>
[Flags]
internal enum LaneGate : byte
{
    Shut = 0,
    Now = 1,
    Next = 2,
    Low = 4,
    All = Now | Next | Low,
}

internal enum ReaderKind : byte
{
    /// <summary>A daemon or browser that speaks our hello; reads its member's mailbox and everyone's as one list.</summary>
    Device,

    /// <summary>One session: reads the session's mailbox.</summary>
    Session,

    /// <summary>The one shared 1.x reader of a member: of all its connections the newest gets the pushes.</summary>
    Legacy,

    /// <summary>A 1.x connection that never acknowledges: gets everything once, moves no cursor.</summary>
    Peek,
}
