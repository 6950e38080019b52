namespace Claudemesh.Local;

/// <summary>Who this person is in a workspace, and how much there is in it for him.</summary>
/// <param name="Workspace">Its short name on this machine.</param>
/// <param name="DisplayName">What the others call him.</param>
/// <param name="Members">Of the workspace, himself among them.</param>
/// <param name="Online">How many other members are connected.</param>
/// <param name="Topics">How many he is in.</param>
/// <param name="UnreadPosts">Posts of others in these topics behind his read marks.</param>
/// <param name="UnreadMessages">Messages in his inbox that nobody has seen.</param>
/// <param name="State">One of <see cref="ConnectionStates"/>.</param>
public sealed record MyWorkspace(
    string Workspace,
    string Name,
    string DisplayName,
    string Role,
    string MemberKey,
    string Broker,
    string State,
    DateTimeOffset JoinedAt,
    int Members,
    int Online,
    int Topics,
    long UnreadPosts,
    long UnreadMessages);

public sealed record MyTotals(int Workspaces, int Online, int Topics, long UnreadPosts, long UnreadMessages);

/// <param name="Workspaces">By short name.</param>
/// <param name="Stale">Workspaces whose broker could not be asked: of them is told what was known last.</param>
public sealed record MyOverview(IReadOnlyList<MyWorkspace> Workspaces, MyTotals Totals, IReadOnlyList<StaleWorkspace> Stale);

/// <summary>A topic that this person is in.</summary>
/// <param name="With">The other one in a dm; null elsewhere.</param>
/// <param name="LastPostAt">Of the newest post that is here; null: there is none.</param>
public sealed record MyTopic(
    string Workspace,
    string Id,
    string Name,
    string? Description,
    string Visibility,
    string? With,
    string Role,
    long Unread,
    DateTimeOffset? LastPostAt,
    string? LastPostBy);

public sealed record MyTopicTotals(int Topics, long Unread);

/// <param name="Topics">The newest activity first; those in which nothing was posted come last, by name.</param>
/// <param name="Stale">Workspaces whose broker could not be asked.</param>
public sealed record MyTopicList(IReadOnlyList<MyTopic> Topics, MyTopicTotals Totals, IReadOnlyList<StaleWorkspace> Stale);

/// <summary>What was posted lately by others, in all topics that this person is in.</summary>
/// <param name="Posts">Oldest first.</param>
/// <param name="More">Whether there are older ones since then.</param>
public sealed record MyActivity(DateTimeOffset Since, IReadOnlyList<Post> Posts, bool More);
