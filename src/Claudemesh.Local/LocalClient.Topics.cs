using System.Globalization;
using System.Text;

namespace Claudemesh.Local;

/// <content>Topics: what there is, who is in them, what was posted. A post is sent with <see cref="SendAsync"/> to <c>#name</c>.</content>
public sealed partial class LocalClient
{
    /// <param name="workspace">Null: all workspaces.</param>
    public Task<LocalReply<ListedTopics>> ListTopicsAsync(string? workspace, bool archived, CancellationToken cancellationToken) => GetAsync(
        $"{WithWorkspace(LocalRoutes.Topics, workspace)}{(workspace is null ? '?' : '&')}archived={Text(archived)}",
        LocalJson.Default.ListedTopics,
        cancellationToken);

    public Task<LocalReply<CreatedTopic>> CreateTopicAsync(CreateTopic request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.Topics, request, LocalJson.Default.CreateTopic, LocalJson.Default.CreatedTopic, cancellationToken);

    public Task<LocalReply<Topic>> JoinTopicAsync(JoinTopic request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.TopicJoin, request, LocalJson.Default.JoinTopic, LocalJson.Default.Topic, cancellationToken);

    public Task<LocalReply<LeftTopic>> LeaveTopicAsync(LeaveTopic request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.TopicLeave, request, LocalJson.Default.LeaveTopic, LocalJson.Default.LeftTopic, cancellationToken);

    public Task<LocalReply<Topic>> ChangeTopicAsync(ChangeTopic request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.TopicChange, request, LocalJson.Default.ChangeTopic, LocalJson.Default.Topic, cancellationToken);

    public Task<LocalReply<Topic>> ReadTopicAsync(ReadTopic request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.TopicRead, request, LocalJson.Default.ReadTopic, LocalJson.Default.Topic, cancellationToken);

    public Task<LocalReply<TopicPeople>> ListTopicMembersAsync(string topic, string? workspace, CancellationToken cancellationToken) =>
        GetAsync(OfTopic(LocalRoutes.TopicMembers, topic, workspace).ToString(), LocalJson.Default.TopicPeople, cancellationToken);

    public Task<LocalReply<TopicMemberChanged>> ChangeTopicMemberAsync(ChangeTopicMember request, CancellationToken cancellationToken) => PostAsync(
        LocalRoutes.TopicMembers, request, LocalJson.Default.ChangeTopicMember, LocalJson.Default.TopicMemberChanged, cancellationToken);

    public Task<LocalReply<PostPage>> ReadPostsAsync(PostQuery query, CancellationToken cancellationToken)
    {
        StringBuilder path = OfTopic(LocalRoutes.TopicHistory, query.Topic, query.Workspace);
        path.Append(CultureInfo.InvariantCulture, $"&limit={query.Count}");
        if (query.Before is { } before)
            path.Append("&before=").Append(Uri.EscapeDataString(before));

        return GetAsync(path.ToString(), LocalJson.Default.PostPage, cancellationToken);
    }

    /// <summary>
    /// Follows a topic's posts, each with its sequence as the id, and the state of its workspace's connection. Otherwise it is like the stream of everything.
    /// </summary>
    /// <param name="lastEventId">Of the last post that was seen, or <see cref="PostPage.After"/>; null: from now on.</param>
    public IAsyncEnumerable<LocalReply<LocalEvent>> FollowTopicAsync(string topic, string? workspace, string? lastEventId, CancellationToken cancellationToken) =>
        FollowPostsAsync([topic], workspace, lastEventId, cancellationToken);

    /// <summary>As <see cref="FollowTopicAsync"/> of several topics, in the order in which their posts arrive here.</summary>
    /// <param name="topics">None: all that there are, also those that are joined later.</param>
    /// <param name="workspace">Null: all workspaces.</param>
    /// <param name="lastEventId">The id of the last event, or of the last post; null: from now on.</param>
    public IAsyncEnumerable<LocalReply<LocalEvent>> FollowPostsAsync(
        IReadOnlyList<string> topics, string? workspace, string? lastEventId, CancellationToken cancellationToken)
    {
        var path = new Query(LocalRoutes.Events).With("workspace", workspace).With("posts", topics.Count == 0 ? "true" : null);
        foreach (string topic in topics)
            path.With("topic", topic);
        return FollowPathAsync(path.ToString(), lastEventId, static _ => Task.CompletedTask, cancellationToken);
    }

    private static StringBuilder OfTopic(string route, string topic, string? workspace)
    {
        StringBuilder path = new StringBuilder(route).Append("?topic=").Append(Uri.EscapeDataString(topic));
        return workspace is null ? path : path.Append("&workspace=").Append(Uri.EscapeDataString(workspace));
    }
}
