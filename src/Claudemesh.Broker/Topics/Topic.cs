using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

internal readonly record struct TopicNo(long Value);

/// <summary>A topic as the broker keeps it, with who is in it. Immutable: a change is a new one.</summary>
/// <param name="Id">Unique in the workspace; part of what its members sign.</param>
/// <param name="RetentionDays">Null: its messages are kept for ever.</param>
internal sealed record Topic(
    TopicNo No,
    string Id,
    TopicName Name,
    string? Description,
    TopicVisibility Visibility,
    Instant CreatedAt,
    Instant? ArchivedAt,
    int? RetentionDays,
    TopicSeats Seats)
{
    /// <summary>Topics of a workspace, archived ones counted: a list of them is one frame.</summary>
    public const int PerWorkspaceMax = 10_000;

    /// <summary>Topics that one member is in: each of its connections reads them all.</summary>
    public const int PerMemberMax = 1_000;

    public MailboxNo Mailbox => Seats.Mailbox;

    /// <summary>The scope of its own log; public topics have none and go by the workspace's.</summary>
    public string Scope => "topic/" + Id;

    /// <summary>The address of its posts.</summary>
    public string Target => "#" + Id;

    public bool IsPublic => Visibility is TopicVisibility.Public;

    /// <summary>The one that every member is in: it is neither renamed nor left nor archived.</summary>
    public bool IsGeneral => IsPublic && Name.Value == TopicName.General;

    /// <summary>A private topic answers like a missing one to who is not in it: a guess must not tell him that it is there.</summary>
    public bool IsKnownTo(MemberNo member) => IsPublic || Seats.Find(member) is not null;

    public TopicRole? RoleOf(MemberNo member) => Seats.Find(member)?.Role;

    /// <summary>Leads may change a topic, and whoever may moderate the workspace, if he may know of it.</summary>
    public bool IsLedBy(MemberNo member, MemberRole role) =>
        RoleOf(member) is TopicRole.Lead || (role >= MemberRole.Admin && IsKnownTo(member));

    public static TopicSeats SeatsOf(
        MailboxNo mailbox, TopicVisibility visibility, Instant? archivedAt, System.Collections.Immutable.ImmutableArray<Seat> seats) =>
        new(mailbox, visibility is TopicVisibility.Public, archivedAt is null, seats);
}
