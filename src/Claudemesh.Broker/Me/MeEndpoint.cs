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
/// What there is for who asks: his workspaces, their topics, who mentions him. A key shows its own workspace, and one that is limited to topics counts and
/// lists what is in them; an account is shown all of its own, unless it names one.
/// </summary>
internal sealed class MeEndpoint(TopicStore topics, TimeProvider clock)
{
    public const string Since = "since";
    public const string Include = "include";
    public const string Limit = "limit";
    public const int NotificationsMax = 100;

    private static readonly TimeSpan SinceUsual = TimeSpan.FromDays(7);

    public static async Task ShowWorkspacesAsync(RestCall call)
    {
        List<MyWorkspaceRow> rows = [];
        foreach (RestCall one in call.Each)
            rows.Add(await RowOfAsync(one));

        await call.AnswerAsync(new MyWorkspaces(
            call.SignedIn?.Account.Id.Value ?? call.Caller.Member.Id.Value,
            [.. rows],
            new MyWorkspaceTotals(
                rows.Count, rows.Sum(row => row.Peers), rows.Sum(row => row.Online), rows.Sum(row => row.Topics), rows.Sum(row => row.UnreadMentions))));
    }

    private static async ValueTask<MyWorkspaceRow> RowOfAsync(RestCall call)
    {
        (Workspace workspace, MeshMember member) = (call.Workspace, call.Caller.Member);
        HashSet<MemberNo>? shown = call.Caller.FindShownMembers();
        HashSet<MemberId> here = [.. workspace.Roster.List().Where(peer => peer.Online).Select(peer => peer.Identity.MemberId)];
        MeshMember[] members = [.. workspace.Members.All.Where(one => !one.Removed && shown?.Contains(one.No) != false)];
        int online = members.Count(one => here.Contains(one.Id));
        int seen = workspace.Topics.All.Count(topic => topic.ArchivedAt is null && call.Caller.MaySee(topic));
        int unread = await NotificationRoutes.CountUnreadAsync(call);
        return new MyWorkspaceRow(
            workspace.Id, workspace.Row.Slug.Value, workspace.Row.Name, member.Id, member.Role, member.JoinedAt, members.Length, online, seen, unread);
    }

    public async Task ListTopicsAsync(RestCall call)
    {
        List<MyTopicRow> found = [];
        foreach (RestCall one in call.Each)
            found.AddRange(await ListTopicsOfAsync(one));

        MyTopicRow[] rows =
        [
            .. found
                .OrderBy(row => row.LastMessageAt is null)
                .ThenByDescending(row => row.LastMessageAt)
                .ThenBy(row => row.Name.Value, StringComparer.Ordinal),
        ];
        await call.AnswerAsync(new MyTopicRows(rows, new MyTopicRowTotals(rows.Length, rows.Sum(row => row.Unread))));
    }

    private async ValueTask<IEnumerable<MyTopicRow>> ListTopicsOfAsync(RestCall call)
    {
        (MeshNo mesh, MemberNo member) = (call.Workspace.Row.No, call.Caller.MemberNo);
        Dictionary<TopicNo, TopicFigures> figures = await topics.ListFiguresAsync(mesh, member, call.Aborted);
        Dictionary<TopicNo, Instant> posted = await topics.ListLastPostedAsync(mesh, call.Aborted);
        return call.Workspace.Topics.All
            .Where(topic => topic.ArchivedAt is null && call.Caller.MaySee(topic))
            .Select(topic => Row(call, topic, figures.GetValueOrDefault(topic.No).Unread, posted.TryGetValue(topic.No, out Instant at) ? at.ToTime() : null));
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

        List<MyNotificationRow> found = [];
        bool hasMore = false;
        int unreadCount = 0;
        foreach (RestCall one in call.Each)
        {
            (List<NotificationRow> rows, bool more) = await NotificationRoutes.ListAsync(one, unread: include is null, since, before, count);
            found.AddRange(rows.Select(row => Row(one, row)));
            hasMore |= more;
            unreadCount += await NotificationRoutes.CountUnreadAsync(one);
        }

        // Stable: those of one workspace stay in the order of their positions.
        MyNotificationRow[] newest = call.Each.Count == 1 ? [.. found] : [.. found.OrderByDescending(row => row.CreatedAt).Take(count)];
        await call.AnswerAsync(new MyNotificationRows(newest, new MyNotificationTotals(unreadCount, newest.Length), hasMore || newest.Length < found.Count));
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
