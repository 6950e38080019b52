using System.Globalization;
using Claudemesh.Daemon.Topics;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>What a reader of posts alone follows.</summary>
/// <param name="Workspaces">Where they are.</param>
/// <param name="After">The sequence of the last post that it has.</param>
internal sealed record PostFollowing(IReadOnlyList<LiveWorkspace> Workspaces, PostPart Part, long After)
{
    /// <summary>The only workspace; null for several.</summary>
    public string? Slug => Workspaces.Count == 1 && (Part.WorkspaceNo is not null || Part.Topics is not null) ? Workspaces[0].Row.Slug : null;

    /// <summary>Besides posts a reader hears how the connections are that they come over.</summary>
    public bool IsAbout(LocalEvent happened) =>
        happened.Broker is { } broker && (Slug is not null || Part.Topics is null || Workspaces.Any(workspace => workspace.Row.Slug == broker.Slug));
}

/// <summary>Decides what a reader of posts follows, and behind which of them.</summary>
internal sealed class PostFollowings(JoinedWorkspaces workspaces, TopicSearch topics, PostStore posts)
{
    /// <param name="named">None: all topics.</param>
    public async Task<LocalReply<PostFollowing>> ChooseAsync(HttpContext context, string[] named)
    {
        LocalReply<Scope> scope = LocalHttp.ReadScope(context);
        LocalReply<LiveWorkspace[]> within = scope.Value is { } asked ? workspaces.Require(asked.Workspace) : scope.Problem!;
        if (within.Value is not { } chosen)
            return within.Problem!;
        if (named.Length > LocalLimits.FollowedTopicsMax)
            return LocalHttp.Invalid($"At most {LocalLimits.FollowedTopicsMax} topics are followed by name; posts=true follows all.");

        string? slug = scope.Value!.Workspace;
        PostPart part = new(slug is null ? null : chosen[0].Row.No);
        if (named.Length > 0)
        {
            var found = new List<FoundTopic>();
            foreach (string topic in named)
            {
                LocalReply<FoundTopic> one = await topics.FindAsync(topic, slug, context.RequestAborted);
                if (one.Value is null)
                    return one.Problem!;
                found.Add(one.Value);
            }

            part = part with { Topics = [.. found.Select(one => (one.Workspace.Row.No, one.Topic.Id))] };
            chosen = [.. found.Select(one => one.Workspace).Distinct()];
        }

        LocalReply<Place> place = FindPlace(part, context.Request.Headers["Last-Event-ID"].ToString());
        return place.Value is { } there ? new PostFollowing(chosen, part, there.Sequence) : place.Problem!;
    }

    /// <param name="lastId">A sequence, or the id of a post or the beginning of one; empty: now. No sequence begins with 0, as ids do.</param>
    private LocalReply<Place> FindPlace(PostPart part, string lastId)
    {
        // A store that is younger than the reader, who would otherwise wait for ever for its sequences to come up to his.
        long last = posts.LastSequence();
        if (lastId.Length == 0)
            return new Place(last);
        if ((lastId is "0" || lastId[0] is not '0') && long.TryParse(lastId, NumberStyles.None, CultureInfo.InvariantCulture, out long sequence))
            return new Place(Math.Min(sequence, last));

        string id = Uri.UnescapeDataString(lastId).TrimStart('#');
        if (id.Length < LocalLimits.PostPrefixMin || !id.All(char.IsAsciiLetterOrDigit))
            return LocalHttp.Invalid($"Last-Event-ID is the sequence of a post, or at least the first {LocalLimits.PostPrefixMin} characters of its id.");

        return posts.FindPlaces(part, id) switch
        {
            [long one] => new Place(one),
            [] => LocalProblem.Of(LocalErrors.PostNotFound, $"No post that is here begins with {id}, so there is nothing to go on behind.", 404, ExitCode.NotFound),
            _ => LocalProblem.Of(LocalErrors.AmbiguousName, $"Several posts begin with {id}; give more of the id.", 409, ExitCode.BadArguments),
        };
    }

    private sealed record Place(long Sequence);
}
