using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Tests.Messaging.Delivery.Simulation;

/// <summary>Two topics, one open to all and one that is not, who sits in them, and the readers of each seat.</summary>
internal sealed class Topics
{
    public static readonly MailboxNo Public = new(501);
    public static readonly MailboxNo Private = new(502);

    private readonly World world;
    private readonly Dictionary<MailboxNo, TopicSeats> topics = [];
    private long seats = 600;
    private long readers = 3_000;

    public Topics(World world, bool any)
    {
        this.world = world;
        Any = any;
        if (!any)
            return;
        topics.Add(Public, new TopicSeats(Public, isPublic: true, isOpen: true, []));
        topics.Add(Private, new TopicSeats(Private, isPublic: false, isOpen: true, []));
        foreach (int member in (int[])[0, 1, 2])
            Join(Public, world.Members[member], mayPost: true, from: 0, log: null);
        Join(Private, world.Members[0], mayPost: true, from: 0, log: null);
        Join(Private, world.Members[1], mayPost: false, from: 0, log: null);
        Join(Private, world.Members[3], mayPost: true, from: 0, log: null);
    }

    public bool Any { get; }

    public bool EverArchived { get; private set; }

    public IEnumerable<TopicSeats> All => topics.Values;

    /// <summary>How many have left a topic: what they had not read stays unread.</summary>
    public Dictionary<MailboxNo, int> Left { get; } = [];

    public IEnumerable<Input> Inputs => topics.Values.Select(topic => new SeatsChanged(topic));

    public static string NameOf(MailboxNo topic) => topic == Public ? "#public" : "#private";

    public TopicSeats Get(MailboxNo topic) => topics[topic];

    public static Address AnyAddress(Dice dice) => new Address.Topic(dice.OneIn(3) ? Private : Public);

    /// <summary>Somebody joins or leaves, becomes an observer, or the topic is archived or brought back.</summary>
    public Input Change(Dice dice, ModelLog log)
    {
        MailboxNo topic = dice.OneIn(2) ? Private : Public;
        MemberNo member = dice.Pick(world.Members);
        TopicSeats now = topics[topic];
        if (dice.OneIn(6))
        {
            EverArchived = true;
            topics[topic] = new TopicSeats(topic, now.IsPublic, !now.IsOpen, now.Seats);
        }
        else if (now.Find(member) is { } seat)
        {
            topics[topic] = new TopicSeats(topic, now.IsPublic, now.IsOpen, now.Without(member));
            Left[topic] = Left.GetValueOrDefault(topic) + 1;
            foreach (Peer peer in world.Peers.Where(peer => peer.Source.Mailbox == seat.Mailbox))
                Receivers.Leave(peer);
        }
        else
        {
            Join(topic, member, mayPost: !dice.OneIn(4), log.NextPosition - 1, log);
        }

        return new SeatsChanged(topics[topic]);
    }

    public void Reopen()
    {
        foreach (TopicSeats topic in topics.Values.ToImmutableArray())
            topics[topic.Mailbox] = new TopicSeats(topic.Mailbox, topic.IsPublic, isOpen: true, topic.Seats);
    }

    /// <summary>A new seat; each of its member's readers begins at the end.</summary>
    private void Join(MailboxNo topic, MemberNo member, bool mayPost, long from, ModelLog? log)
    {
        TopicSeats now = topics[topic];
        Seat seat = new(new MailboxNo(++seats), member, mayPost ? TopicRole.Member : TopicRole.Observer);
        topics[topic] = new TopicSeats(topic, now.IsPublic, now.IsOpen, now.With(seat));
        foreach (Peer host in world.Peers.FindAll(peer => peer.Member == member && peer.Host is null && !peer.IsOfTopic))
        {
            Peer reader = new(new ReaderNo(++readers), host.Kind, member, new Source(seat.Mailbox, topic), host);
            Array.Fill(reader.Start, from);
            Array.Fill(reader.CursorSeen, from);
            world.Peers.Add(reader);
            for (Lane lane = Lane.Now; log is not null && host.Kind != ReaderKind.Peek && lane <= Lane.Low; lane++)
                log.SetCursor(reader.Reader, seat.Mailbox, lane, from);
        }
    }
}
