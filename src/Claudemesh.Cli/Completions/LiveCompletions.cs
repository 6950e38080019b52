using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Completions;

/// <summary>
/// Names that only the daemon knows. A person waits at the keyboard: what does not come at once is left out, and no daemon is started for it.
/// </summary>
internal static class LiveCompletions
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromMilliseconds(400);

    public static async Task<IReadOnlyList<Completion>> AskAsync(Surroundings around, LiveNames kind, CancellationToken cancellationToken)
    {
        if (kind is LiveNames.None)
            return [];

        using var bound = new CancellationTokenSource(AnswerWithin, around.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            IEnumerable<Completion> found = kind switch
            {
                LiveNames.Workspaces => await WorkspacesAsync(around, either.Token),
                LiveNames.Topics => await TopicsAsync(around, either.Token),
                LiveNames.Keys => await KeysAsync(around, either.Token),
                _ => await PeopleAsync(around, kind, either.Token),
            };
            // A name with a control character could be read as more than a name; nobody types it anyway.
            return [.. found.Where(one => one.Word.Length > 0 && PlainText.Line(one.Word) == one.Word).DistinctBy(one => one.Word, StringComparer.Ordinal)];
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested)
        {
            return [];
        }
    }

    private static async Task<IEnumerable<Completion>> WorkspacesAsync(Surroundings around, CancellationToken cancellationToken)
    {
        LocalReply<WorkspaceList> list = await around.Daemon.AskRunningAsync((daemon, token) => daemon.ListWorkspacesAsync(token), cancellationToken);
        return list.Value?.Workspaces.Select(one => new Completion(one.Slug, PlainText.Line(one.Name))) ?? [];
    }

    /// <summary>Topics by their names, and dms by the other one's.</summary>
    private static async Task<IEnumerable<Completion>> TopicsAsync(Surroundings around, CancellationToken cancellationToken)
    {
        LocalReply<ListedTopics> list = await around.Daemon.AskRunningAsync((daemon, token) => daemon.ListTopicsAsync(null, archived: true, token), cancellationToken);
        return list.Value?.Topics.Select(one => new Completion(one.With ?? one.Name, PlainText.Line(Describe(one)))) ?? [];
    }

    private static string Describe(Topic topic) =>
        $"{topic.Workspace}, {(topic.With is not null ? "dm" : topic.Role ?? "not joined")}{(topic.Description is { } what ? $", {what}" : "")}";

    private static async Task<IEnumerable<Completion>> KeysAsync(Surroundings around, CancellationToken cancellationToken)
    {
        LocalReply<SharedStateList> list = await around.Daemon.AskRunningAsync((daemon, token) => daemon.ListStateAsync(null, null, token), cancellationToken);
        return list.Value?.Entries.Select(one => new Completion(one.Key, PlainText.Line($"{one.Workspace}, by {one.WrittenBy}"))) ?? [];
    }

    private static async Task<IEnumerable<Completion>> PeopleAsync(Surroundings around, LiveNames kind, CancellationToken cancellationToken)
    {
        Task<LocalReply<MemberList>> asking = around.Daemon.AskRunningAsync((daemon, token) => daemon.ListMembersAsync(null, token), cancellationToken);
        Task<IEnumerable<Completion>> topics = kind is LiveNames.Addresses ? TopicsAsync(around, cancellationToken) : Task.FromResult<IEnumerable<Completion>>([]);
        LocalReply<PeerList> peers = await around.Daemon.AskRunningAsync((daemon, token) => daemon.ListPeersAsync(null, token), cancellationToken);
        LocalReply<MemberList> members = await asking;
        IReadOnlyList<Member> known = members.Value?.Members ?? [];
        IReadOnlyList<Peer> online = peers.Value?.Peers ?? [];
        IEnumerable<Completion> people = known.Where(one => !one.Self).Select(one => new Completion(one.Name, $"{one.Workspace}, {(one.Online ? "online" : "offline")}"))
            .Concat(online.Where(one => !one.Self).Select(one => new Completion(one.Name, PlainText.Line($"{one.Workspace}, {one.Status}"))));
        IEnumerable<Completion> groups = known.SelectMany(one => one.Groups).Concat(online.SelectMany(one => one.Groups))
            .Select(group => new Completion("@" + group.TrimStart('@').Split(':')[0], "group"));
        IEnumerable<Completion> rooms = (await topics).Select(topic => topic with { Word = "#" + topic.Word });
        return kind switch
        {
            LiveNames.People => people,
            LiveNames.Groups => groups.Select(one => one with { Word = one.Word[1..] }),
            _ => people.Concat(groups).Concat(rooms).Concat(online.SelectMany(one => one.Tags).Select(tag => new Completion("tag:" + tag, "tag"))),
        };
    }
}
