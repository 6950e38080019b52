using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Topics;

/// <summary>Which post of a topic is meant by its id or the beginning of it.</summary>
internal static class PostPlaces
{
    /// <summary>The whole id. One that is not here is looked for among the newest at the broker.</summary>
    public static async Task<LocalReply<string>> FindIdAsync(FoundTopic there, string typed, CancellationToken cancellationToken)
    {
        LocalReply<PostPlace> place = await FindAsync(there, typed, cancellationToken);
        return place.Value is { } found ? found.Id : place.Problem!;
    }

    public static async Task<LocalReply<PostPlace>> FindAsync(FoundTopic there, string typed, CancellationToken cancellationToken)
    {
        string prefix = typed.Trim().TrimStart('#');
        if (prefix.Length < LocalLimits.PostPrefixMin)
        {
            return LocalProblem.Of(
                LocalErrors.InvalidRequest, $"Give at least the first {LocalLimits.PostPrefixMin} characters of the post's id, not '{prefix}'.", 400, ExitCode.BadArguments);
        }

        PostPlace[] found = Find(there, prefix);
        if (found.Length == 0 && await there.Topics.ReadBackAsync(there.Topic.Id, null, LocalLimits.PostPageMax, cancellationToken) is { Problem: null })
            found = Find(there, prefix);

        return found.Length switch
        {
            1 => found[0],
            // An older one than were looked at: the broker knows whether it is of this topic.
            0 when MessageId.TryParse(prefix, out _) => new PostPlace(prefix, null),
            0 => LocalProblem.Of(LocalErrors.PostNotFound, $"No post of {there.Words} begins with {prefix}; an answer stands in the topic of what it answers.", 404, ExitCode.NotFound),
            _ => LocalProblem.Of(LocalErrors.AmbiguousName, $"Several posts of {there.Words} begin with {prefix}; give more of the id.", 409, ExitCode.BadArguments),
        };
    }

    private static PostPlace[] Find(FoundTopic there, string prefix) =>
        [.. there.Topics.Posts.FindByPrefix(there.Workspace.Row.No, there.Topic.Id, prefix).Select(one => new PostPlace(one.Id, one.Position))];
}

/// <param name="Position">Null: not known here.</param>
internal sealed record PostPlace(string Id, long? Position);
