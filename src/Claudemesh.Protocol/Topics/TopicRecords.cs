using System.Text.Json.Serialization;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Protocol;

/// <summary>
/// Makes a topic, or finds it: answered by <see cref="TopicCreated"/>. Whoever makes it is its lead; one that is there already is joined only as
/// anybody may join it (wire reference 7.3, 11).
/// </summary>
/// <param name="Description">At most 500 characters.</param>
/// <param name="Visibility">Absent: public.</param>
/// <param name="TopicId">Ours: chosen by the maker, 32 letters and digits, because the topic's own log is signed for it. Absent: the broker makes one.</param>
/// <param name="Records">Ours, of a private or dm topic: genesis, first epoch and admissions of its own log. Without them only a 1.x client can make one,
/// and nobody can write in it encrypted.</param>
/// <param name="Copies">With <paramref name="Records"/>.</param>
public sealed record TopicCreate(
    TopicName Name,
    string? Description = null,
    TopicVisibility? Visibility = null,
    string? TopicId = null,
    SignedRecord[]? Records = null,
    EpochCopy[]? Copies = null) : IRequest<TopicCreated>, ILimited
{
    public const int DescriptionCharsMax = 500;

    public static string WireType => "topic_create";

    string? ILimited.FindFault() =>
        Limit.TooLong("description", Description, DescriptionCharsMax)
        ?? (TopicId is null || WireId.IsMadeByUs(TopicId) ? null : "topicId must be 32 letters or digits")
        ?? (Records is null ? null : LogLimits.NotRecords("records", Records, LogAppend.RecordsMax))
        ?? LogLimits.NotCopies("copies", Copies);
}

/// <param name="Created">False when it was there.</param>
public sealed record TopicCreated(TopicHead Topic, bool Created) : IMessage
{
    public static string WireType => "topic_created";
}

public sealed record TopicHead(string Id, TopicName Name, TopicVisibility Visibility);

[JsonConverter(typeof(WordConverter<TopicVisibility>))]
public enum TopicVisibility
{
    /// <summary>Every member of the workspace may find, join and read it.</summary>
    Public,

    /// <summary>Members of its own log only; others are told that there is no such topic.</summary>
    Private,

    /// <summary>As private, between two; it has no name to find it by but for them.</summary>
    Dm,
}

[JsonConverter(typeof(WordConverter<TopicRole>))]
public enum TopicRole
{
    /// <summary>Reads and does not post.</summary>
    Observer,
    Member,

    /// <summary>May change, archive and admit.</summary>
    Lead,
}

/// <summary>Asks for the topics that the caller may know of; answered by <see cref="TopicList"/>.</summary>
/// <param name="Archived">Ours: true asks for archived ones too.</param>
public sealed record TopicListRequest(bool? Archived = null) : IRequest<TopicList>
{
    public static string WireType => "topic_list";
}

/// <summary>By name. At most 10,000.</summary>
public sealed record TopicList(TopicInfo[] Topics) : IMessage, ILimited
{
    public static string WireType => "topic_list_response";

    string? ILimited.FindFault() => Limit.HasNull("topics", Topics);
}

/// <summary>From <paramref name="Role"/> on ours; 1.x ignores them.</summary>
/// <param name="Role">The caller's role in it; null where he has not joined.</param>
/// <param name="LastPosition">Of its newest message; 0 for none.</param>
/// <param name="LastReadPosition">How far the caller has read, from the topic's end when he joined on; 0 where he has not joined.</param>
/// <param name="RetentionDays">How long its messages are kept; null: for ever.</param>
/// <param name="PlainIn">Whether bodies that are not encrypted are admitted in it.</param>
/// <param name="Unread">Posts of others after what the caller has read, counted up to 1,000: that many may be more. 0 where he has not joined.</param>
public sealed record TopicInfo(
    string Id,
    TopicName Name,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Description,
    TopicVisibility Visibility,
    int MemberCount,
    DateTimeOffset CreatedAt,
    TopicRole? Role = null,
    DateTimeOffset? ArchivedAt = null,
    long? LastPosition = null,
    long? LastReadPosition = null,
    int? RetentionDays = null,
    bool? PlainIn = null,
    int? Unread = null);

/// <summary>Joins the caller to a public topic; answered only when refused. Joining twice changes nothing. A private one is entered through its log.</summary>
/// <param name="Topic">Id or name.</param>
/// <param name="Role">1.x sends one; nobody makes himself lead by it: member, or observer.</param>
public sealed record TopicJoin(string Topic, TopicRole? Role = null) : INotice, ILimited
{
    public static string WireType => "topic_join";

    string? ILimited.FindFault() => TopicLimits.NotTopic(Topic);
}

/// <summary>Leaves a topic; answered only when refused.</summary>
public sealed record TopicLeave(string Topic) : INotice, ILimited
{
    public static string WireType => "topic_leave";

    string? ILimited.FindFault() => TopicLimits.NotTopic(Topic);
}

/// <summary>Asks who is in a topic; answered by <see cref="TopicMembersResult"/>.</summary>
public sealed record TopicMembers(string Topic) : IRequest<TopicMembersResult>, ILimited
{
    public static string WireType => "topic_members";

    string? ILimited.FindFault() => TopicLimits.NotTopic(Topic);
}

/// <param name="Topic">As asked.</param>
public sealed record TopicMembersResult(string Topic, TopicMember[] Members) : IMessage, ILimited
{
    public static string WireType => "topic_members_response";

    string? ILimited.FindFault() => Limit.HasNull("members", Members);
}

public sealed record TopicMember(
    MemberId MemberId,
    PublicKey Pubkey,
    DisplayName DisplayName,
    TopicRole Role,
    DateTimeOffset JoinedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] DateTimeOffset? LastReadAt);

/// <summary>
/// Asks for messages of a topic, answered by <see cref="TopicPage"/>. A message's id is a cursor that stays: nothing is skipped or repeated,
/// whatever is posted or removed meanwhile.
/// </summary>
/// <param name="Count">1 to 200; absent: 50. 1.x's are clamped, ours refused.</param>
/// <param name="BeforeId">Only older ones than this, newest first. An id of another topic is refused.</param>
/// <param name="AfterId">Ours: only newer ones than this, oldest first. Not together with <paramref name="BeforeId"/>.</param>
public sealed record TopicHistory(string Topic, [property: JsonPropertyName("limit")] int? Count = null, string? BeforeId = null, string? AfterId = null) : IRequest<TopicPage>, ILimited
{
    public static string WireType => "topic_history";

    string? ILimited.FindFault() =>
        TopicLimits.NotTopic(Topic)
        ?? Limit.TooLong("beforeId", BeforeId, WireId.CharsMax)
        ?? Limit.TooLong("afterId", AfterId, WireId.CharsMax)
        ?? (BeforeId is null || AfterId is null ? null : "beforeId and afterId must not come together");
}

/// <param name="Topic">As asked.</param>
/// <param name="Messages">Newest first; with <c>afterId</c> oldest first. Fewer than asked for may be given, so that the frame stays small.</param>
/// <param name="More">Ours: whether there are more beyond the last one.</param>
public sealed record TopicPage(string Topic, TopicPost[] Messages, bool? More = null) : IMessage, ILimited
{
    public static string WireType => "topic_history_response";

    string? ILimited.FindFault() => Limit.HasNull("messages", Messages);
}

/// <summary>From <paramref name="Header"/> on ours; 1.x ignores them.</summary>
/// <param name="SenderPubkey">The sending session's key, else the member's.</param>
/// <param name="BodyVersion">1, 2 or 3.</param>
/// <param name="ReplyToId">A message of the same topic.</param>
public sealed record TopicPost(
    MessageId Id,
    string SenderPubkey,
    MemberId SenderMemberId,
    DisplayName SenderName,
    byte[] Nonce,
    byte[] Ciphertext,
    int BodyVersion,
    DateTimeOffset CreatedAt,
    string? ReplyToId = null,
    byte[]? Header = null,
    PublicKey? SenderMemberPubkey = null,
    [property: JsonPropertyName("client_message_id")] string? ClientMessageId = null,
    long? Position = null,
    Priority? Priority = null);

/// <summary>Marks a topic as read; answered only when refused. A mark never goes back.</summary>
/// <param name="Through">Ours: the id of the newest message that was read; absent: all there are now.</param>
public sealed record TopicMarkRead(string Topic, string? Through = null) : INotice, ILimited
{
    public static string WireType => "topic_mark_read";

    string? ILimited.FindFault() => TopicLimits.NotTopic(Topic) ?? Limit.TooLong("through", Through, WireId.CharsMax);
}

/// <summary>
/// Changes a topic: its leads, the workspace's admins and its owner may. Answered by <see cref="TopicUpdated"/>. What is absent stays.
/// The plain-text policy is not here: it is a signed <c>policy</c> record.
/// </summary>
/// <param name="Description">Empty: none.</param>
/// <param name="Archived">True: nobody posts in it any more, and it is not listed; its history stays.</param>
/// <param name="RetentionDays">1 to 3,650; 0: for ever.</param>
public sealed record TopicUpdate(
    string Topic, TopicName? Name = null, string? Description = null, bool? Archived = null, int? RetentionDays = null) : IRequest<TopicUpdated>, ILimited
{
    public static string WireType => "topic_update";

    string? ILimited.FindFault() =>
        TopicLimits.NotTopic(Topic)
        ?? Limit.TooLong("description", Description, TopicCreate.DescriptionCharsMax)
        ?? (RetentionDays is null or (>= 0 and <= 3650) ? null : "retentionDays must be 0 to 3650");
}

/// <summary>The body of <c>PATCH /api/v1/topics/{topic}</c>: as <see cref="TopicUpdate"/>.</summary>
public sealed record TopicChange(TopicName? Name = null, string? Description = null, bool? Archived = null, int? RetentionDays = null);

public sealed record TopicUpdated(TopicInfo Topic) : IMessage
{
    public static string WireType => "topic_updated";
}

/// <summary>
/// A topic that this connection's member may know of is new, changed, or (with <paramref name="Info"/> null) no longer for him. Told to connections of ours.
/// </summary>
public sealed record TopicChanged(string Id, TopicInfo? Info = null) : IEvent
{
    public static string WireType => "topic_changed";
}

internal static class TopicLimits
{
    public const int CharsMax = WireId.CharsMax + 1;

    public static string? NotTopic(string topic) =>
        topic.Length is > 0 and <= CharsMax ? null : $"topic must be an id or a name of at most {CharsMax} characters";
}
