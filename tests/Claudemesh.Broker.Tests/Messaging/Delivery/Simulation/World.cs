using System.Collections.Frozen;
using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using Directory = Claudemesh.Broker.Messaging.Delivery.Directory;

namespace Claudemesh.Broker.Tests.Messaging.Delivery.Simulation;

/// <summary>Who is in the workspace, who reads what, and who keeps whom out. Small, so that everything meets everything.</summary>
internal sealed class World
{
    public static readonly MailboxNo Everyone = new(1);
    public static readonly MailboxNo FirstSession = new(201);
    public static readonly MailboxNo SecondSession = new(202);

    private readonly HashSet<(MemberNo, MemberNo)> directDenied = [];
    private readonly HashSet<(MemberNo, MemberNo)> broadcastDenied = [];
    private readonly HashSet<MemberNo> removed = [];
    private readonly List<Addressee> group;

    /// <param name="withTopics">Some seeds have topics: the others stay what they were.</param>
    public World(bool withTopics)
    {
        Peer first = Add(1_001, ReaderKind.Device, Members[0]);
        SecondDevice = Add(1_002, ReaderKind.Device, Members[0]);
        SecondDevice.IsRegistered = false;
        Peer second = Add(1_003, ReaderKind.Device, Members[1]);
        Add(1_004, ReaderKind.Legacy, Members[2]);
        Add(1_005, ReaderKind.Device, Members[3]);
        Peers.Add(new Peer(new ReaderNo(1_006), ReaderKind.Peek, Members[3], SourceOf(Members[3]), host: null));
        Peers.Add(new Peer(new ReaderNo(2_001), ReaderKind.Session, Members[0], new Source(FirstSession, null), first));
        Peers.Add(new Peer(new ReaderNo(2_002), ReaderKind.Session, Members[1], new Source(SecondSession, null), second));
        group = [Of(0), Of(2), new Addressee(SecondSession, Members[1])];
        Topics = new Topics(this, withTopics);
    }

    public Topics Topics { get; }

    public IReadOnlyList<MemberNo> Members { get; } = [new(11), new(12), new(13), new(14)];

    public List<Peer> Peers { get; } = [];

    /// <summary>A device that its member gets later.</summary>
    public Peer SecondDevice { get; }

    /// <summary>Pairs that were blocked at some time, in one way or the other: what they send each other may or may not arrive.</summary>
    public HashSet<(MemberNo Recipient, MemberNo Sender)> EverBlocked { get; } = [];

    public HashSet<MemberNo> EverRemoved { get; } = [];

    public static MailboxNo BoxOf(MemberNo member) => new(member.Value + 100);

    public static Source SourceOf(MemberNo member) => new(BoxOf(member), Everyone);

    public Directory Directory => new(
        new Dictionary<string, ImmutableArray<Addressee>>(StringComparer.Ordinal)
        {
            ["g"] = [.. group],
            ["g/sub"] = [Of(1), Of(3), .. group],
        }.ToFrozenDictionary(StringComparer.Ordinal),
        new Dictionary<string, ImmutableArray<Addressee>>(StringComparer.Ordinal)
        {
            ["t"] = [new Addressee(FirstSession, Members[0]), Of(3)],
        }.ToFrozenDictionary(StringComparer.Ordinal),
        directDenied.ToFrozenSet(),
        broadcastDenied.ToFrozenSet(),
        removed.ToFrozenSet())
    {
        Members = [.. Members.Where(member => !removed.Contains(member)).Select(member => new Addressee(BoxOf(member), member))],
    };

    public Address AnyAddress(Dice dice) => Topics.Any && dice.OneIn(2) ? Simulation.Topics.AnyAddress(dice) : dice.Below(12) switch
    {
        < 6 => Direct(dice.Pick(Members)),
        6 => new Address.Direct(FirstSession, Members[0]),
        7 => new Address.Direct(SecondSession, Members[1]),
        8 => new Address.Group("g/sub"),
        9 => new Address.Group("g"),
        10 => new Address.Tag("t"),
        _ => new Address.Everyone(Everyone),
    };

    public static Address Direct(MemberNo member) => new Address.Direct(BoxOf(member), member);

    /// <summary>Somebody blocks, unblocks, joins, leaves or is removed.</summary>
    public void Change(Dice dice)
    {
        (MemberNo, MemberNo) pair = (dice.Pick(Members), dice.Pick(Members));
        switch (dice.Below(10))
        {
            case 0 or 1:
                directDenied.Add(pair);
                EverBlocked.Add(pair);
                break;
            case 2:
                broadcastDenied.Add(pair);
                EverBlocked.Add(pair);
                break;
            case 3 or 4:
                directDenied.Clear();
                broadcastDenied.Clear();
                break;
            case 5 when dice.OneIn(3):
                removed.Add(Members[3]);
                EverRemoved.Add(Members[3]);
                break;
            case 6:
                removed.Clear();
                break;
            default:
                if (!group.Remove(Of(2)))
                    group.Add(Of(2));
                break;
        }
    }

    /// <summary>Nobody is kept out any more.</summary>
    public void Reconcile()
    {
        directDenied.Clear();
        broadcastDenied.Clear();
        removed.Clear();
    }

    private Addressee Of(int member) => new(BoxOf(Members[member]), Members[member]);

    private Peer Add(long reader, ReaderKind kind, MemberNo member)
    {
        Peer peer = new(new ReaderNo(reader), kind, member, SourceOf(member), host: null);
        Peers.Add(peer);
        return peer;
    }
}
