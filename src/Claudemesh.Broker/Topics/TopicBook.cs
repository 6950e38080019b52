using System.Collections.Concurrent;
using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <summary>
/// The topics of an open workspace, with who is in them. Whoever changes one has the turn of the workspace's logs and has written it
/// before; the core is told in the same breath, so that it knows of a seat before anybody reads from it.
/// </summary>
internal sealed class TopicBook
{
    /// <summary>Texts shorter than this are names: ids that we or 1.x brokers make are longer (wire reference 3.5).</summary>
    private const int IdCharsMin = 20;

    private Action<Input> tell = static _ => { };
    private Action<Topic> follower = static _ => { };

    private readonly ConcurrentDictionary<string, Topic> byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<TopicNo, Topic> byNumber = new();
    private readonly ConcurrentDictionary<MailboxNo, Topic> byMailbox = new();
    private readonly ConcurrentDictionary<TopicName, ImmutableHashSet<TopicNo>> byName = new();
    private readonly ConcurrentDictionary<MailboxNo, MemberNo> seats = new();

    /// <summary>The core that reads of seats; called once, before anything is put in.</summary>
    public void TellTo(Action<Input> core) => tell = core;

    /// <summary>Whoever is to know of each topic that is new or of which anything has changed; called once.</summary>
    public void FollowWith(Action<Topic> streams) => follower = streams;

    public IEnumerable<Topic> All => byNumber.Values;

    public Topic? Find(TopicNo no) => byNumber.GetValueOrDefault(no);

    public Topic? Find(MailboxNo mailbox) => byMailbox.GetValueOrDefault(mailbox);

    public Topic? FindById(string id) => byId.GetValueOrDefault(id);

    /// <summary>Whose seat this is, or was.</summary>
    public MemberNo? FindOwner(MailboxNo seat) => seats.TryGetValue(seat, out MemberNo member) ? member : null;

    /// <summary>By id, else by name, among those that the member may know of.</summary>
    public Topic? Find(string text, MemberNo member)
    {
        if (text.Length >= IdCharsMin && FindById(text) is { } topic && topic.IsKnownTo(member))
            return topic;

        return TopicName.TryParse(text, out TopicName name) ? FindByName(name, member) : null;
    }

    /// <summary>
    /// One that the member is in comes before any other of its name, so that nobody is led astray by a public namesake of his private
    /// topic; one that is archived comes last.
    /// </summary>
    public Topic? FindByName(TopicName name, MemberNo member) => byName.GetValueOrDefault(name, [])
        .Select(Find).OfType<Topic>()
        .Where(topic => topic.IsKnownTo(member))
        .OrderBy(topic => topic.ArchivedAt is not null)
        .ThenBy(topic => topic.IsPublic)
        .ThenByDescending(topic => topic.No.Value)
        .FirstOrDefault();

    public void Put(Topic topic)
    {
        Topic? before = Find(topic.No);
        if (before is not null && before.Name != topic.Name)
            byName.AddOrUpdate(before.Name, static _ => [], (_, named) => named.Remove(topic.No));

        foreach (Seat seat in topic.Seats.Seats)
            seats[seat.Mailbox] = seat.Owner;
        tell(new SeatsChanged(topic.Seats));
        byId[topic.Id] = topic;
        byNumber[topic.No] = topic;
        byMailbox[topic.Mailbox] = topic;
        byName.AddOrUpdate(topic.Name, static (_, no) => [no], static (_, named, no) => named.Add(no), topic.No);
        follower(topic);
    }

    /// <param name="seat">Null: the member is not in it any more.</param>
    public void Reseat(Topic topic, MemberNo member, Seat? seat) => Put(topic with
    {
        Seats = Topic.SeatsOf(
            topic.Mailbox, topic.Visibility, topic.ArchivedAt, seat is { } taken ? topic.Seats.With(taken) : topic.Seats.Without(member)),
    });
}
