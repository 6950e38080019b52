using Claudemesh.Daemon.Topics;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Search;

/// <summary>Looks for messages and topics by words. It is done here, on what is opened; the broker has no part in it.</summary>
internal sealed class MessageSearch(JoinedWorkspaces workspaces, TopicSearch topics, MessageIndex index)
{
    public async Task<LocalReply<SearchResult>> FindAsync(SearchMessages request, CancellationToken cancellationToken)
    {
        if (FindFault(request) is { } fault)
            return LocalProblem.Of(LocalErrors.InvalidRequest, fault, 400, ExitCode.BadArguments);

        IReadOnlyList<string> words = MessageQuery.WordsOf(request.Words);
        if (words.Count == 0)
        {
            return LocalProblem.Of(
                LocalErrors.InvalidRequest, "There is no word in what is looked for: words are letters and digits, other characters only part them.", 400, ExitCode.BadArguments);
        }

        LocalReply<LiveWorkspace[]> within = workspaces.Require(request.Workspace);
        if (within.Value is not { } chosen)
            return within.Problem!;

        FoundTopic? topic = null;
        if (request.Topic is { } typed)
        {
            LocalReply<FoundTopic> found = await topics.FindAsync(typed, request.Workspace, cancellationToken);
            if (found.Value is null)
                return found.Problem!;
            topic = found.Value;
        }

        long? only = topic?.Workspace.Row.No ?? (request.Workspace is null ? null : chosen[0].Row.No);
        List<IndexedMessage> messages = index.Search(new MessageQuery(words, topic?.Topic, request.From?.Trim(), only, request.Limit));
        return new SearchResult(
            request.Topic is null && request.From is null ? [.. chosen.SelectMany(workspace => FindTopics(workspace, words)).Take(request.Limit)] : [],
            [.. messages.Take(request.Limit).SelectMany(message => Describe(message, words))],
            messages.Count > request.Limit,
            index.IsComplete);
    }

    private static string? FindFault(SearchMessages request)
    {
        if (request.Words.Length > LocalLimits.QueryCharsMax)
            return $"words has at most {LocalLimits.QueryCharsMax} characters.";
        if (request.From is { } from && (string.IsNullOrWhiteSpace(from) || from.Length > LocalLimits.QueryCharsMax))
            return "from must be a sender's name, his key, or at least 4 digits of it.";
        return request.Limit is < 1 or > LocalLimits.FoundMax ? $"limit is 1 to {LocalLimits.FoundMax}." : null;
    }

    private static IEnumerable<Topic> FindTopics(LiveWorkspace workspace, IReadOnlyList<string> words)
    {
        TopicRow[] found = [.. workspace.Topics.Book.All.Where(topic => Has(workspace.Topics.Book.PeerOf(topic) ?? topic.Name, topic.Description, words))];
        if (found.Length == 0)
            return [];

        Dictionary<string, long> unread = workspace.Topics.Posts.CountUnread(workspace.Row.No);
        return found.Select(topic => TopicActions.Describe(workspace, topic, unread));
    }

    private static bool Has(string name, string? description, IReadOnlyList<string> words)
    {
        string[] there = [.. TypedWords.Each(name), .. TypedWords.Each(description ?? "")];
        return words.All(word => Array.Exists(there, one => one.StartsWith(word, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>None of a workspace that was left a moment ago.</summary>
    private IEnumerable<FoundMessage> Describe(IndexedMessage message, IReadOnlyList<string> words)
    {
        if (workspaces.FindByNo(message.WorkspaceNo) is not { } workspace)
            yield break;

        yield return new FoundMessage(
            workspace.Row.Slug,
            message.Kind,
            message.TopicId is { } id ? workspace.Topics.Book.FindById(id)?.Name ?? id : null,
            message.TopicId,
            message.MessageId,
            message.ClientMessageId,
            message.SenderName,
            message.SenderKey,
            message.Own,
            message.To,
            message.Text,
            Excerpt.Of(message.Text, words),
            message.Encryption,
            message.Encryption is not Encryptions.None,
            message.Verified,
            DateTimeOffset.FromUnixTimeMilliseconds(message.SentAt));
    }
}
