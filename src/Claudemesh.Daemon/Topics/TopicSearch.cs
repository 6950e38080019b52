using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Topics;

/// <summary>Which topic is meant, and where.</summary>
internal sealed record FoundTopic(LiveWorkspace Workspace, TopicRow Topic)
{
    public WorkspaceTopics Topics => Workspace.Topics;

    /// <summary>As people write it.</summary>
    public string Words => Topics.Book.PeerOf(Topic) is { } peer ? $"your dm with {peer}" : $"#{Topic.Name} of {Workspace.Row.Slug}";
}

/// <summary>Turns what a person types into a topic: in the workspace named, else in the only one where it is known.</summary>
internal sealed class TopicSearch(JoinedWorkspaces workspaces)
{
    public async Task<LocalReply<FoundTopic>> FindAsync(string typed, string? slug, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace[]> within = workspaces.Require(slug);
        if (within.Value is not { } chosen)
            return within.Problem!;
        if (chosen.Length == 0)
            return workspaces.RequireOne(slug).Problem!;
        if (typed.Trim().Length == 0)
            return LocalProblem.Of(LocalErrors.InvalidRequest, "topic must be a name or an id.", 400, ExitCode.BadArguments);

        FoundTopic[] found = Find(typed.Trim(), chosen);
        LocalProblem? unasked = null;
        if (found.Length == 0)
        {
            // It may have been made a moment ago.
            foreach (LiveWorkspace workspace in chosen)
                unasked ??= await workspace.Topics.RefreshAsync(cancellationToken);
            found = Find(typed.Trim(), chosen);
        }

        return found.Length switch
        {
            1 => found[0],
            0 => Unknown(typed.Trim(), chosen, unasked),
            _ => LocalProblem.Of(
                LocalErrors.AmbiguousName,
                $"{typed} is a topic of several workspaces: {string.Join(", ", found.Select(one => one.Workspace.Row.Slug))}; say which.",
                409,
                ExitCode.BadArguments),
        };
    }

    private static FoundTopic[] Find(string typed, LiveWorkspace[] within) =>
        [.. from workspace in within let topic = workspace.Topics.Book.Find(typed) where topic is not null select new FoundTopic(workspace, topic)];

    private static LocalProblem Unknown(string typed, LiveWorkspace[] within, LocalProblem? unasked)
    {
        string name = TopicBook.NameOf(typed);
        string? meant = NearestMatch.Find(name, within.SelectMany(workspace => workspace.Topics.Book.All).Select(topic => topic.Name));
        if (unasked is not null)
            return unasked with { Detail = $"No topic {name} is known here, and others cannot be asked for now. {unasked.Detail}" };

        string where = within.Length == 1 ? within[0].Row.Slug : "your workspaces";
        return LocalProblem.Of(
            LocalErrors.TopicNotFound,
            $"There is no topic {name} in {where} that you are in or may join; `claudemesh topic list` shows those there are.{NearestMatch.DidYouMean(meant, "#")}",
            404,
            ExitCode.NotFound);
    }
}
