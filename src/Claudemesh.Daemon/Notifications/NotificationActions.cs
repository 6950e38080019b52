using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Topics;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Notifications;

/// <summary>
/// The posts that mention this person, over his workspaces. Which there are the brokers know, those in topics that he is not in among them;
/// what they say is opened here, since each comes with its post.
/// </summary>
internal sealed class NotificationActions(JoinedWorkspaces workspaces, TopicSearch search)
{
    public async Task<LocalReply<MyNotificationList>> ListAsync(NotificationQuery query, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace[]> within = workspaces.Require(query.Workspace);
        if (within.Value is not { } chosen)
            return within.Problem!;

        var all = new List<MyNotification>();
        var stale = new Stale();
        (int unread, bool more) = (0, false);
        foreach (LiveWorkspace workspace in chosen)
        {
            LocalReply<NotificationPage> asked = await AskAsync(workspace, query.Unread, query.Since, query.Count, cancellationToken);
            if (asked.Value is not { } page)
            {
                stale.Add(workspace, asked.Problem!);
                continue;
            }

            unread += page.Unread;
            more |= page.More;
            foreach (Protocol.Notification one in page.Notifications)
                all.Add(await DescribeAsync(workspace, one, cancellationToken));
        }

        MyNotification[] newest = [.. all.OrderByDescending(one => one.SentAt).Take(query.Count)];
        return stale.Of(chosen) ?? LocalReply(new MyNotificationList(newest, unread, more || newest.Length < all.Count, stale.All));
    }

    public async Task<LocalReply<MarkedNotifications>> MarkAsync(MarkNotifications request, CancellationToken cancellationToken)
    {
        if ((request.Ids is null ? 0 : 1) + (request.Topic is null ? 0 : 1) + (request.All ? 1 : 0) != 1)
            return Invalid("Say what to mark: ids, a topic or all.");
        if (request.Ids is { Count: 0 or > NotificationsRead.IdsMax })
            return Invalid($"Give 1 to {NotificationsRead.IdsMax} ids.");
        if (request.Topic is { } typed)
            return await MarkTopicAsync(typed, request.Workspace, cancellationToken);

        LocalReply<LiveWorkspace[]> within = workspaces.Require(request.Workspace);
        if (within.Value is not { } chosen)
            return within.Problem!;

        return request.Ids is { } ids ? await MarkAsync(chosen, ids, cancellationToken) : await TellAsync(chosen, static _ => new NotificationsRead(All: true), cancellationToken);
    }

    private async Task<LocalReply<MarkedNotifications>> MarkTopicAsync(string typed, string? workspace, CancellationToken cancellationToken)
    {
        LocalReply<FoundTopic> found = await search.FindAsync(typed, workspace, cancellationToken);
        return found.Value is { } there ? await TellAsync([there.Workspace], _ => new NotificationsRead(Topic: there.Topic.Id), cancellationToken) : found.Problem!;
    }

    private static async Task<LocalReply<MarkedNotifications>> MarkAsync(LiveWorkspace[] chosen, IReadOnlyList<string> typed, CancellationToken cancellationToken)
    {
        LocalReply<Dictionary<LiveWorkspace, HashSet<MessageId>>> found = await FindAsync(chosen, typed, cancellationToken);
        return found.Value is { } ids
            ? await TellAsync([.. ids.Keys], workspace => new NotificationsRead([.. ids[workspace]]), cancellationToken)
            : found.Problem!;
    }

    /// <summary>Whole ids are the broker's to judge; the beginning of one must be that of one of the newest.</summary>
    private static async Task<LocalReply<Dictionary<LiveWorkspace, HashSet<MessageId>>>> FindAsync(LiveWorkspace[] chosen, IReadOnlyList<string> typed, CancellationToken cancellationToken)
    {
        Dictionary<LiveWorkspace, HashSet<MessageId>> found = chosen.ToDictionary(workspace => workspace, static _ => new HashSet<MessageId>());
        string[] prefixes = [.. typed.Select(text => text.Trim().TrimStart('#')).Distinct(StringComparer.Ordinal)];
        if (Array.Find(prefixes, prefix => prefix.Length < LocalLimits.PostPrefixMin) is { } tooShort)
            return Invalid($"Give at least the first {LocalLimits.PostPrefixMin} characters of an id, not '{tooShort}'.");

        (LiveWorkspace Workspace, MessageId Id)[] known = Array.TrueForAll(prefixes, static prefix => MessageId.TryParse(prefix, out _))
            ? []
            : await ListNewestAsync(chosen, cancellationToken);
        foreach (string prefix in prefixes)
        {
            if (MessageId.TryParse(prefix, out MessageId whole))
            {
                foreach (HashSet<MessageId> ids in found.Values)
                    ids.Add(whole);
                continue;
            }

            (LiveWorkspace Workspace, MessageId Id)[] meant = [.. known.Where(one => one.Id.Value.StartsWith(prefix, StringComparison.Ordinal))];
            if (meant.Length != 1)
                return NotOne(prefix, meant.Length);
            found[meant[0].Workspace].Add(meant[0].Id);
        }

        return found.Where(one => one.Value.Count > 0).ToDictionary();
    }

    private static LocalProblem NotOne(string prefix, int count) => count == 0
        ? LocalProblem.Of(LocalErrors.PostNotFound, $"No notification of the newest begins with {prefix}; `claudemesh notification list` shows them.", 404, ExitCode.NotFound)
        : LocalProblem.Of(LocalErrors.AmbiguousName, $"{count} notifications begin with {prefix}; give more of the id.", 409, ExitCode.BadArguments);

    private static async Task<(LiveWorkspace Workspace, MessageId Id)[]> ListNewestAsync(LiveWorkspace[] chosen, CancellationToken cancellationToken)
    {
        var known = new List<(LiveWorkspace, MessageId)>();
        foreach (LiveWorkspace workspace in chosen)
        {
            LocalReply<NotificationPage> asked = await AskAsync(workspace, unread: false, since: null, NotificationsList.CountMax, cancellationToken);
            known.AddRange((asked.Value?.Notifications ?? []).Select(one => (workspace, one.Post.Id)));
        }

        return [.. known];
    }

    private static async Task<LocalReply<MarkedNotifications>> TellAsync(
        LiveWorkspace[] chosen, Func<LiveWorkspace, NotificationsRead> what, CancellationToken cancellationToken)
    {
        int marked = 0;
        var stale = new Stale();
        foreach (LiveWorkspace workspace in chosen)
        {
            LocalReply<NotificationsMarked> asked = await workspace.AskAsync<NotificationsRead, NotificationsMarked>(what(workspace), cancellationToken);
            if (asked.Value is { } done)
                marked += done.Marked;
            else
                stale.Add(workspace, asked.Problem!);
        }

        return stale.Of(chosen) ?? LocalReply(new MarkedNotifications(marked, stale.All));
    }

    private static Task<LocalReply<NotificationPage>> AskAsync(LiveWorkspace workspace, bool unread, DateTimeOffset? since, int count, CancellationToken cancellationToken) =>
        workspace.AskAsync<NotificationsList, NotificationPage>(new NotificationsList(unread ? true : null, since, Count: count), cancellationToken);

    private static async Task<MyNotification> DescribeAsync(LiveWorkspace workspace, Protocol.Notification one, CancellationToken cancellationToken)
    {
        NewPost post = await workspace.Topics.OpenAsync(one.TopicId, PostMaker.AsPush(one.Post, MeshId.Parse(workspace.Row.MeshId), one.TopicId), cancellationToken);
        Arrival arrival = post.Arrival;
        Topics.TopicRow? topic = workspace.Topics.Book.FindById(one.TopicId);
        return new MyNotification(
            workspace.Row.Slug,
            arrival.MessageId,
            one.Kind.ToString().ToLowerInvariant(),
            (topic is null ? null : workspace.Topics.Book.PeerOf(topic)) ?? one.TopicName.Value,
            one.TopicId,
            arrival.SenderName,
            arrival.SenderKey,
            Snippet(arrival.Text),
            arrival.Encryption,
            arrival.Encryption is not Encryptions.None,
            arrival.Verified,
            arrival.Unreadable,
            one.ReadAt is not null,
            one.ReadAt,
            DateTimeOffset.FromUnixTimeMilliseconds(arrival.SentAt));
    }

    private static string? Snippet(string? text)
    {
        if (text is null)
            return null;

        string line = text.ReplaceLineEndings(" ").Trim();
        const int Max = MyNotification.SnippetCharsMax;
        return line.Length <= Max ? line : line[..(char.IsHighSurrogate(line[Max - 1]) ? Max - 1 : Max)] + "…";
    }

    private static LocalReply<T> LocalReply<T>(T value)
        where T : class => value;

    private static LocalProblem Invalid(string detail) => LocalProblem.Of(LocalErrors.InvalidRequest, detail, 400, ExitCode.BadArguments);

    /// <summary>Workspaces that could not be asked. When none could, that is the answer.</summary>
    private sealed class Stale
    {
        private LocalProblem? first;

        public List<StaleWorkspace> All { get; } = [];

        public void Add(LiveWorkspace workspace, LocalProblem problem)
        {
            first ??= problem;
            All.Add(new StaleWorkspace(workspace.Row.Slug, null, problem.Detail));
        }

        public LocalProblem? Of(LiveWorkspace[] asked) => asked.Length > 0 && All.Count == asked.Length ? first : null;
    }
}
