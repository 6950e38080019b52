using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Topics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Notifications;

/// <summary>Notifications of the key's issuer over REST. A key that is limited to topics is shown those of its topics, and marks no others.</summary>
internal static class NotificationRoutes
{
    private const int BytesMax = 4 * 1024 * 1024;

    private static readonly TimeSpan SinceUsual = TimeSpan.FromDays(1);

    private static readonly RestParameter Since = new("since", "Of posts made then or later; a day ago if absent.", ParameterKind.Time);
    private static readonly RestParameter Unread = new("unread", "1 lists only those that are not read yet.", ParameterKind.Flag);
    private static readonly RestParameter Limit = new("limit", "How many, 1 to 200; 50 if absent.", ParameterKind.Number);

    /// <summary>Of the page before, whichever list it was.</summary>
    public static RestParameter Before { get; } = new("before", "The id of the last post of the page before: older ones.");

    public static RestRoutes MapNotifications(this RestRoutes routes) => routes
        .Add(new("GET", "/notifications", Operation.ReadTopics, KeyReach.Filtered, "Lists posts that mention you, newest first.", ListAsync)
        {
            Query = [Since, Unread, Limit, Before],
            Reply = typeof(NotificationRows),
            Refusals = [MeshError.InvalidSince],
        })
        .Add(new("POST", "/notifications/read", Operation.MarkOwnRead, KeyReach.Filtered, "Marks notifications as read: by ids, of a topic, or all.", MarkAsync)
        {
            Body = typeof(NotificationsRead),
            Reply = typeof(NotificationsMarked),
            Refusals = [MeshError.TopicNotFound],
        });

    /// <summary>The post that a cursor names.</summary>
    public static (MessageRef? Before, MeshError? Fault) ReadBefore(RestCall call)
    {
        if (call.Text(Before.Name, WireId.CharsMax) is not { } text)
            return (null, null);
        if (call.Each.Count != 1)
            return (null, MeshError.InvalidArgs.With("before is invalid for several workspaces at once: name one in the header X-Workspace."));

        return MessageId.TryParse(text, out MessageId id) && call.Workspace.Ids.TryFind(id, out MessageRef found)
            ? (found, null)
            : (null, MeshError.InvalidArgs.With("before is invalid: it must be the id that the answer before gave."));
    }

    /// <summary>What the caller has not read, in the topics that he may be shown.</summary>
    public static async ValueTask<int> CountUnreadAsync(RestCall call) => Math.Min(
        NotificationStore.UnreadMax,
        (await call.Get<NotificationStore>().CountUnreadAsync(call.Caller.MemberNo, call.Aborted)).Where(one => IsSeen(call, one.Key)).Sum(one => one.Value));

    public static async ValueTask<(List<NotificationRow> Rows, bool More)> ListAsync(RestCall call, bool unread, DateTimeOffset since, MessageRef? before, int count) =>
        await call.Get<NotificationStore>().ListAsync(
            new NotificationQuery(call.Caller.MemberNo, unread, since.ToInstant(), before, count, topic => IsSeen(call, topic)), BytesMax, call.Aborted);

    private static async Task ListAsync(RestCall call)
    {
        DateTimeOffset since = call.Time(Since.Name) ?? call.Get<TimeProvider>().GetUtcNow() - SinceUsual;
        bool unread = call.Flag(Unread.Name);
        int count = call.Number(Limit.Name, 1, NotificationsList.CountMax, NotificationsList.CountUsual);
        (MessageRef? before, MeshError? fault) = ReadBefore(call);
        if ((call.Fault ?? fault) is { } refusal)
        {
            await call.RefuseAsync(refusal);
            return;
        }

        (List<NotificationRow> rows, bool more) = await ListAsync(call, unread, since, before, count);
        await call.AnswerAsync(new NotificationRows(
            [.. rows.Select(row => Record(call, row))], since, call.Caller.Member.DisplayName, await CountUnreadAsync(call), more));
    }

    private static async Task MarkAsync(RestCall call)
    {
        if (await call.ReadBodyAsync<NotificationsRead>() is { } request)
            await call.AnswerAsync(await call.AskAsync<ReadNotificationsHandler, NotificationsRead, NotificationsMarked>(request));
    }

    private static NotificationRecord Record(RestCall call, NotificationRow row)
    {
        TopicRow post = RowRecords.Of(call.Workspace, call.Workspace.Topics.Find(row.Topic)!, row.Post);
        return new NotificationRecord(
            post.Id,
            post.Id,
            post.TopicId,
            post.Topic,
            post.SenderName,
            post.SenderPubkey,
            post.Ciphertext,
            row.Kind,
            row.ReadAt?.ToTime(),
            post.CreatedAt,
            post.Nonce,
            post.BodyVersion,
            post.Encrypted,
            post.Position,
            post.Header,
            post.Text);
    }

    private static bool IsSeen(RestCall call, MailboxNo mailbox) => call.Workspace.Topics.Find(mailbox) is { } topic && call.Caller.MaySee(topic);
}
