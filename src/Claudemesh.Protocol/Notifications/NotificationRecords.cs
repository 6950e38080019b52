using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>Asks for posts that mention the caller, newest first; answered by <see cref="NotificationPage"/>.</summary>
/// <param name="Unread">True: only those that are not read yet.</param>
/// <param name="Since">Only those of posts made then or later.</param>
/// <param name="BeforeId">Only those of posts older than this: the last <c>post.id</c> of the page before.</param>
/// <param name="Count">1 to 200; absent: 50. A page ends earlier where it would be larger than a frame.</param>
public sealed record NotificationsList(
    bool? Unread = null, DateTimeOffset? Since = null, MessageId? BeforeId = null, [property: JsonPropertyName("limit")] int? Count = null)
    : IRequest<NotificationPage>, ILimited
{
    public const int CountMax = 200;
    public const int CountUsual = 50;

    public static string WireType => "notifications_list";

    string? ILimited.FindFault() => Count is null or (>= 1 and <= CountMax) ? null : $"limit must be 1 to {CountMax}";
}

/// <param name="Unread">How many the caller has not read, in all; counted up to 1,000.</param>
/// <param name="More">Whether there are more beyond the last one.</param>
public sealed record NotificationPage(Notification[] Notifications, int Unread, bool More) : IMessage, ILimited
{
    public static string WireType => "notifications_list_response";

    string? ILimited.FindFault() => Limit.HasNull("notifications", Notifications);
}

/// <param name="Post">As the topic's history has it, with all that is needed to open it.</param>
/// <param name="ReadAt">Absent: not read yet.</param>
public sealed record Notification(NotificationKind Kind, string TopicId, TopicName TopicName, TopicPost Post, DateTimeOffset? ReadAt = null);

[JsonConverter(typeof(WordConverter<NotificationKind>))]
public enum NotificationKind
{
    /// <summary>The post names the member.</summary>
    Mention,
}

/// <summary>Marks notifications of the caller as read; answered by <see cref="NotificationsMarked"/>. Exactly one of ids, topic and all.</summary>
/// <param name="Ids">Of the posts, 1 to 200. Those that mention somebody else change nothing.</param>
/// <param name="Topic">All of this topic, by id or name.</param>
/// <param name="Before">With topic or all: only those of posts made then or earlier.</param>
public sealed record NotificationsRead(MessageId[]? Ids = null, string? Topic = null, bool? All = null, DateTimeOffset? Before = null)
    : IRequest<NotificationsMarked>, ILimited
{
    public const int IdsMax = 200;

    public static string WireType => "notifications_read";

    string? ILimited.FindFault() =>
        (Ids is { Length: 0 or > IdsMax } ? $"ids must have 1 to {IdsMax} entries" : null) ?? (Topic is null ? null : TopicLimits.NotTopic(Topic));
}

/// <param name="Marked">How many were unread until now.</param>
public sealed record NotificationsMarked(int Marked, DateTimeOffset ReadAt) : IMessage
{
    public static string WireType => "notifications_marked";
}

/// <summary>A post mentions this connection's member; told to connections of ours once the post is durable.</summary>
public sealed record Notified(Notification Notification) : IEvent
{
    public static string WireType => "notification";
}
