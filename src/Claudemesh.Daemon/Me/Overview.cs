using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Inbox;
using Claudemesh.Daemon.Topics;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Me;

/// <summary>What there is for this person, over all of his workspaces. Counts are of what this daemon has; who is there is asked of the brokers.</summary>
internal sealed class Overview(JoinedWorkspaces workspaces, InboxStore inbox, RecentPosts recent, TimeProvider clock)
{
    /// <summary>How far back activity goes where nobody says.</summary>
    private static readonly TimeSpan ActivityDefault = TimeSpan.FromDays(1);

    public async Task<LocalReply<MyOverview>> ReadAsync(string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace[]> within = workspaces.Require(slug);
        if (within.Value is not { } chosen)
            return within.Problem!;

        var stale = new List<StaleWorkspace>();
        var mine = new List<MyWorkspace>();
        foreach (LiveWorkspace workspace in InOrder(chosen))
        {
            Roster roster = await workspace.GetRosterAsync(fresh: true, cancellationToken);
            if (roster.IsStale)
                stale.Add(new StaleWorkspace(workspace.Row.Slug, roster.StaleSince, roster.Trouble?.Detail));
            mine.Add(Describe(workspace, roster));
        }

        var totals = new MyTotals(mine.Count, mine.Sum(one => one.Online), mine.Sum(one => one.Topics), mine.Sum(one => one.UnreadPosts), mine.Sum(one => one.UnreadMessages));
        return new MyOverview(mine, totals, stale);
    }

    public async Task<LocalReply<MyTopicList>> ListTopicsAsync(string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace[]> within = workspaces.Require(slug);
        if (within.Value is not { } chosen)
            return within.Problem!;

        var stale = new List<StaleWorkspace>();
        var mine = new List<MyTopic>();
        foreach (LiveWorkspace workspace in InOrder(chosen))
        {
            if (await workspace.Topics.RefreshAsync(cancellationToken) is { } problem)
                stale.Add(new StaleWorkspace(workspace.Row.Slug, null, problem.Detail));
            mine.AddRange(DescribeTopics(workspace));
        }

        MyTopic[] ordered = [.. mine.OrderBy(topic => topic.LastPostAt is null).ThenByDescending(topic => topic.LastPostAt).ThenBy(topic => topic.Name, StringComparer.Ordinal)];
        return new MyTopicList(ordered, new MyTopicTotals(ordered.Length, ordered.Sum(topic => topic.Unread)), stale);
    }

    /// <param name="since">Null: a day ago. One in the future has nothing after it.</param>
    public LocalReply<MyActivity> ReadActivity(string? slug, DateTimeOffset? since, int limit)
    {
        LocalReply<LiveWorkspace[]> within = workspaces.Require(slug);
        if (within.Value is not { } chosen)
            return within.Problem!;

        DateTimeOffset from = since ?? clock.GetUtcNow() - ActivityDefault;
        List<StoredPost> posts = recent.Read(slug is null ? null : chosen[0].Row.No, from.ToUnixTimeMilliseconds(), limit + 1);
        bool more = posts.Count > limit;
        return new MyActivity(from, [.. posts.Skip(more ? 1 : 0).Select(stored => stored.Post)], more);
    }

    private MyWorkspace Describe(LiveWorkspace workspace, Roster roster)
    {
        Workspace there = workspace.Describe();
        Dictionary<string, long> unread = workspace.Topics.Posts.CountUnread(workspace.Row.No);
        TopicRow[] joined = [.. Joined(workspace)];
        return new MyWorkspace(
            there.Slug,
            there.Name,
            there.DisplayName,
            there.Waiting ? LiveWorkspace.WaitingRole : there.Role,
            there.MemberKey,
            there.Broker,
            there.State,
            there.JoinedAt,
            roster.Members.Count,
            roster.Members.Count(member => member.Online && member.Key != workspace.Identity.Public),
            joined.Length,
            joined.Sum(topic => workspace.Topics.Book.UnreadOf(topic, unread)),
            inbox.CountUnread(workspace.Row.No));
    }

    private IEnumerable<MyTopic> DescribeTopics(LiveWorkspace workspace)
    {
        Dictionary<string, long> unread = workspace.Topics.Posts.CountUnread(workspace.Row.No);
        Dictionary<string, LastPost> last = recent.ReadLast(workspace.Row.No);
        return Joined(workspace).Select(topic => new MyTopic(
            workspace.Row.Slug,
            topic.Id,
            topic.Name,
            topic.Description,
            topic.Visibility,
            workspace.Topics.Book.PeerOf(topic),
            topic.Role!,
            workspace.Topics.Book.UnreadOf(topic, unread),
            last.GetValueOrDefault(topic.Id)?.At,
            last.GetValueOrDefault(topic.Id)?.By));
    }

    private static IEnumerable<TopicRow> Joined(LiveWorkspace workspace) => workspace.Topics.Book.All.Where(topic => topic is { Role: not null, ArchivedAt: null });

    private static IEnumerable<LiveWorkspace> InOrder(LiveWorkspace[] all) => all.OrderBy(workspace => workspace.Row.Slug, StringComparer.Ordinal);
}
