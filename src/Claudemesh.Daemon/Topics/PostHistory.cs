using Claudemesh.Local;

namespace Claudemesh.Daemon.Topics;

/// <summary>
/// Pages of a topic. The broker is asked for each, because what was pushed here need not be all there is; what it gives is opened and stored, and the page is
/// read from the store. Without a broker the page is what is here.
/// </summary>
internal sealed class PostHistory(TopicSearch search)
{
    public async Task<LocalReply<PostPage>> ReadAsync(PostQuery query, CancellationToken cancellationToken)
    {
        LocalReply<FoundTopic> found = await search.FindAsync(query.Topic, query.Workspace, cancellationToken);
        if (found.Value is not { } there)
            return found.Problem!;

        PostPlace? before = null;
        if (query.Before is { } typed)
        {
            LocalReply<PostPlace> place = await PostPlaces.FindAsync(there, typed, cancellationToken);
            if (place.Value is null)
                return place.Problem!;
            before = place.Value;
        }

        ReadBack back = await there.Topics.ReadBackAsync(there.Topic.Id, before?.Id, query.Count, cancellationToken);
        if (back.Problem is { } problem && !IsAway(problem))
            return problem;

        long limit = before is null ? long.MaxValue : before.Position ?? back.Newest + 1;
        (List<StoredPost> page, long after) = there.Topics.Posts.ReadBefore(there.Workspace.Row.No, there.Topic.Id, limit, query.Count + 1);
        bool more = page.Count > query.Count;
        if (more)
            page.RemoveRange(0, page.Count - query.Count);
        return new PostPage(
            there.Workspace.Row.Slug, there.Topic.Name, [.. page.Select(one => one.Post)], after, more || (back is { More: true, Problem: null } && page.Count > 0), back.Problem?.Detail);
    }

    private static bool IsAway(LocalProblem problem) => problem.Error is
        LocalErrors.BrokerUnreachable or LocalErrors.BrokerRefused or LocalErrors.WrongClock or LocalErrors.Kicked or LocalErrors.Removed;
}
