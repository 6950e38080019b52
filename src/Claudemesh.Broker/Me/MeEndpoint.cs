using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Notifications;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Me;

/// <summary>
/// What there is for the key's issuer: his workspace, its topics, who mentions him. A key shows its own workspace, and one that is limited to
/// topics counts and lists what is in them.
/// </summary>
internal sealed class MeEndpoint(TopicStore topics, TimeProvider clock)
{
    public const string Since = "since";
    public const string Include = "include";
    public const string Limit = "limit";
    public const int NotificationsMax = 100;

    private static readonly TimeSpan SinceUsual = TimeSpan.FromDays(7);

    public static async Task ShowWorkspaceAsync(RestCall call)
    {
        (Workspace workspace, MeshMember member) = (call.Workspace, call.Caller.Member);
        HashSet<MemberNo>? shown = call.Caller.FindShownMembers();
        HashSet<MemberId> here = [.. workspace.Roster.List().Where(peer => peer.Online).Select(peer => peer.Identity.MemberId)];
        MeshMember[] members = [.. workspace.Members.All.Where(one => !one.Removed && shown?.Contains(one.No) != false)];
        int online = members.Count(one => here.Contains(one.Id));
        int seen = workspace.Topics.All.Count(topic => topic.ArchivedAt is null && call.Caller.MaySee(topic));
        int unread = await NotificationRoutes.CountUnreadAsync(call);
        await call.AnswerAsync(new MyWorkspaces(
            member.Id.Value,
            [new MyWorkspaceRow(workspace.Id, workspace.Row.Slug.Value, workspace.Row.Name, member.Id, member.Role, member.JoinedAt, members.Length, online, seen, unread)],
            new MyWorkspaceTotals(1, members.Length, online, seen, unread)));
    }

    public async Task ListTopicsAsync(RestCall call)
    {
        (MeshNo mesh, MemberNo member) = (call.Workspace.Row.No, call.Caller.MemberNo);
        Dictionary<TopicNo, TopicFigures> figures = await topics.ListFiguresAsync(mesh, member, call.Aborted);
        Dictionary<TopicNo, Instant> posted = await topics.ListLastPostedAsync(mesh, call.Aborted);
        MyTopicRow[] rows =
        [
            .. call.Workspace.Topics.All
                .Where(topic => topic.ArchivedAt is null && call.Caller.MaySee(topic))
                .Select(topic => Row(call, topic, figures.GetValueOrDefault(topic.No).Unread, posted.TryGetValue(topic.No, out Instant at) ? at.ToTime() : null))
                .OrderBy(row => row.LastMessageAt is null)
                .ThenByDescending(row => row.LastMessageAt)
                .ThenBy(row => row.Name.Value, StringComparer.Ordinal),
        ];
        await call.AnswerAsync(new MyTopicRows(rows, new MyTopicRowTotals(rows.Length, rows.Sum(row => row.Unread))));
    }

    public async Task ListNotificationsAsync(RestCall call)
    {
        DateTimeOffset since = call.Time(Since) ?? clock.GetUtcNow() - SinceUsual;
        string? include = call.Text(Include, charsMax: 20);
        int count = call.Number(Limit, 1, NotificationsMax, NotificationsMax);
        (MessageRef? before, MeshError? fault) = NotificationRoutes.ReadBefore(call);
        if ((call.Fault ?? fault ?? (include is null or "all" ? null : MeshError.InvalidArgs.With("include is invalid: it must be all."))) is { } refusal)
        {
            await call.RefuseAsync(refusal);
            return;
        }

        (List<NotificationRow> rows, bool more) = await NotificationRoutes.ListAsync(call, unread: include is null, since, before, count);
        await call.AnswerAsync(new MyNotificationRows(
            [.. rows.Select(row => Row(call, row))], new MyNotificationTotals(await NotificationRoutes.CountUnreadAsync(call), rows.Count), more));
    }

    private static MyTopicRow Row(RestCall call, Topic topic, int unread, DateTimeOffset? lastMessageAt) => new(
        topic.Id,
        topic.Name,
        topic.Description,
        topic.Visibility,
        topic.CreatedAt.ToTime(),
        call.Workspace.Id,
        call.Workspace.Row.Slug.Value,
        call.Workspace.Row.Name,
        call.Caller.Member.Id,
        unread,
        lastMessageAt);

    private static MyNotificationRow Row(RestCall call, NotificationRow row)
    {
        Topic topic = call.Workspace.Topics.Find(row.Topic)!;
        TopicRow post = RowRecords.Of(call.Workspace, topic, row.Post);
        return new MyNotificationRow(
            post.Id,
            post.Id,
            topic.Id,
            topic.Name,
            call.Workspace.Id,
            call.Workspace.Row.Slug.Value,
            call.Workspace.Row.Name,
            post.SenderName,
            PostSnippet.Of(post.Text),
            post.Encrypted ? post.Ciphertext : null,
            post.BodyVersion,
            row.ReadAt is not null,
            row.ReadAt?.ToTime(),
            post.CreatedAt,
            post.Encrypted ? post.Nonce : null,
            post.Header);
    }
}
