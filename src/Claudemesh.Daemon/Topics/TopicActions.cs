using Claudemesh.Crypto;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Moderation;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Daemon.Topics;

/// <summary>What this person does with topics: makes, joins, leaves, changes and reads them.</summary>
internal sealed class TopicActions(JoinedWorkspaces workspaces, TopicSearch search, TimeProvider clock)
{
    public async Task<LocalReply<ListedTopics>> ListAsync(string? slug, bool archived, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace[]> within = workspaces.Require(slug);
        if (within.Value is not { } chosen)
            return within.Problem!;

        var topics = new List<Topic>();
        var stale = new List<StaleWorkspace>();
        foreach (LiveWorkspace workspace in chosen.OrderBy(one => one.Row.Slug, StringComparer.Ordinal))
        {
            if (await workspace.Topics.RefreshAsync(cancellationToken) is { } problem)
                stale.Add(new StaleWorkspace(workspace.Row.Slug, null, problem.Detail));

            Dictionary<string, long> unread = workspace.Topics.Posts.CountUnread(workspace.Row.No);
            topics.AddRange(workspace.Topics.Book.All.Where(topic => archived || topic.ArchivedAt is null).Select(topic => Describe(workspace, topic, unread)));
        }

        return new ListedTopics(topics, stale);
    }

    public async Task<LocalReply<CreatedTopic>> CreateAsync(CreateTopic request, CancellationToken cancellationToken)
    {
        bool isDm = request.Visibility is TopicVisibilities.Dm;
        string[] with = [.. request.With ?? []];
        if (request.Visibility is not (TopicVisibilities.Public or TopicVisibilities.Private or TopicVisibilities.Dm))
            return Invalid("visibility must be public, private or dm.");
        if (request.Description is { Length: > TopicCreate.DescriptionCharsMax })
            return Invalid($"description has at most {TopicCreate.DescriptionCharsMax} characters.");
        if (isDm ? with.Length != 1 || request.Name is not null : request.Visibility is TopicVisibilities.Public && with.Length > 0)
            return Invalid(isDm ? "A dm has no name, and one other in with." : "Into a public topic everybody lets himself in: leave out with.");
        if (!isDm && !TopicName.TryParse(NameOf(request.Name), out _))
            return Invalid($"name must be {TopicName.Rule}.");

        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(request.Workspace);
        if (one.Value is not { } workspace)
            return one.Problem!;

        return request.Visibility is TopicVisibilities.Public
            ? await CreateAsync(workspace, new TopicCreate(TopicName.Parse(NameOf(request.Name)), request.Description), cancellationToken)
            : await CreatePrivateAsync(workspace, request, with, cancellationToken);
    }

    public async Task<LocalReply<Topic>> JoinAsync(JoinTopic request, CancellationToken cancellationToken)
    {
        LocalReply<FoundTopic> found = await search.FindAsync(request.Topic, request.Workspace, cancellationToken);
        if (found.Value is not { } there)
            return found.Problem!;

        TopicRow topic = there.Topic;
        string role = request.Observer ? TopicRoles.Observer : TopicRoles.Member;
        if (topic.Role == role || topic.Role is TopicRoles.Lead || (!topic.IsPublic && topic.Role is not null))
            return Describe(there);
        if (topic.ArchivedAt is not null)
            return LocalProblem.Of(LocalErrors.TopicArchived, $"{there.Words} is archived; one of its leads can bring it back.", 403, ExitCode.Denied);

        var join = new TopicJoin(topic.Id, request.Observer ? TopicRole.Observer : TopicRole.Member);
        LocalProblem? problem = await there.Topics.TellAsync(join, topic.Id, now => now?.Role == role, clock, cancellationToken);
        return problem is null ? Describe(there) : problem;
    }

    public async Task<LocalReply<LeftTopic>> LeaveAsync(LeaveTopic request, CancellationToken cancellationToken)
    {
        LocalReply<FoundTopic> found = await search.FindAsync(request.Topic, request.Workspace, cancellationToken);
        if (found.Value is not { } there)
            return found.Problem!;

        (LiveWorkspace workspace, TopicRow topic) = there;
        var left = new LeftTopic(workspace.Row.Slug, topic.Name);
        if (topic.Role is null)
            return left;
        if (topic is { IsPublic: true, Name: TopicName.General })
            return LocalProblem.Of(MeshError.GeneralStays.Code, "Every member of the workspace is in #general, always; nobody leaves it.", 403, ExitCode.Denied);

        ScopeKeys scope = workspace.Keys.GetForTopic(topic.Id);
        if (topic.IsPublic || scope == workspace.Keys.Mesh || scope.State.Head.Seq == 0)
        {
            LocalProblem? problem = await there.Topics.TellAsync(new TopicLeave(topic.Id), topic.Id, now => now?.Role is null, clock, cancellationToken);
            return problem is null ? left : problem;
        }

        LocalReply<Membership> removed = await workspace.Keys.RemoveAsync(scope, new LogBody.Remove(workspace.Identity.Public, "left"), "member left", cancellationToken);
        if (removed.Problem is { } refusal)
            return refusal;

        await there.Topics.Book.ChangeAsync(topic.Id, null, cancellationToken);
        return left;
    }

    public async Task<LocalReply<Topic>> ChangeAsync(ChangeTopic request, CancellationToken cancellationToken)
    {
        if (request is { Name: null, Description: null, Archived: null, RetentionDays: null, Plain: null })
            return Invalid("Say what to change: name, description, archived, retention_days or plain.");
        if (request.Name is not null && !TopicName.TryParse(NameOf(request.Name), out _))
            return Invalid($"name must be {TopicName.Rule}.");
        if (request.Description is { Length: > TopicCreate.DescriptionCharsMax })
            return Invalid($"description has at most {TopicCreate.DescriptionCharsMax} characters.");
        if (request.RetentionDays is < 0 or > LocalLimits.TopicRetentionDaysMax)
            return Invalid($"retention_days is 0 to {LocalLimits.TopicRetentionDaysMax}.");

        LocalReply<FoundTopic> found = await search.FindAsync(request.Topic, request.Workspace, cancellationToken);
        if (found.Value is not { } there)
            return found.Problem!;

        LocalProblem? problem = request.Plain is { } plain ? await ChangePolicyAsync(there, plain, cancellationToken) : null;
        problem ??= await UpdateAsync(there, request, cancellationToken);
        return problem is null ? Describe(there) : problem;
    }

    public async Task<LocalReply<Topic>> ReadAsync(ReadTopic request, CancellationToken cancellationToken)
    {
        LocalReply<FoundTopic> found = await search.FindAsync(request.Topic, request.Workspace, cancellationToken);
        if (found.Value is not { } there)
            return found.Problem!;
        if (there.Topic.Role is null)
            return LocalProblem.Of(LocalErrors.TopicNotJoined, $"You are not in {there.Words}, so there is no mark of how far you have read.", 403, ExitCode.Denied);

        long through = there.Topics.Posts.LastPosition(there.Workspace.Row.No, there.Topic.Id);
        string? id = null;
        if (request.Through is { } typed)
        {
            LocalReply<PostPlace> place = await PostPlaces.FindAsync(there, typed, cancellationToken);
            if (place.Value is null)
                return place.Problem!;
            (id, through) = (place.Value.Id, place.Value.Position ?? 0);
        }

        if (await there.Topics.NotifyAsync(new TopicMarkRead(there.Topic.Id, id), cancellationToken) is { } problem)
            return problem;

        await there.Topics.Book.MarkReadAsync(there.Topic.Id, through, cancellationToken);
        return Describe(there);
    }

    private static LocalReply<Topic> Describe(FoundTopic there)
    {
        TopicRow now = there.Topics.Book.FindById(there.Topic.Id) ?? there.Topic;
        return Describe(there.Workspace, now, there.Topics.Posts.CountUnread(there.Workspace.Row.No));
    }

    public static Topic Describe(LiveWorkspace workspace, TopicRow topic, Dictionary<string, long> unread) => new(
        workspace.Row.Slug,
        topic.Id,
        topic.Name,
        topic.Description,
        topic.Visibility,
        workspace.Topics.Book.PeerOf(topic),
        topic.Members,
        topic.Role,
        workspace.Topics.Book.UnreadOf(topic, unread),
        DateTimeOffset.FromUnixTimeMilliseconds(topic.CreatedAt),
        topic.ArchivedAt is { } archived ? DateTimeOffset.FromUnixTimeMilliseconds(archived) : null,
        topic.RetentionDays,
        topic.Plain);

    private static string NameOf(string? typed) => TopicBook.NameOf((typed ?? "").Trim()).ToLowerInvariant();

    private static async Task<LocalReply<CreatedTopic>> CreateAsync(LiveWorkspace workspace, TopicCreate create, CancellationToken cancellationToken)
    {
        LocalReply<TopicCreated> created = await workspace.AskAsync<TopicCreate, TopicCreated>(create, cancellationToken);
        if (created.Value is not { } made)
            return created.Problem!;
        if (await workspace.Topics.RefreshAsync(cancellationToken) is { } problem)
            return problem;

        return workspace.Topics.Book.FindById(made.Topic.Id) is { } topic
            ? new CreatedTopic(Describe(workspace, topic, workspace.Topics.Posts.CountUnread(workspace.Row.No)), made.Created)
            : BrokerProblems.Refused("", "it made the topic and does not list it.");
    }

    private static async Task<LocalReply<CreatedTopic>> CreatePrivateAsync(LiveWorkspace workspace, CreateTopic request, string[] with, CancellationToken cancellationToken)
    {
        LocalReply<IReadOnlyList<SoughtMember>> sought = await TopicMembership.FindAllAsync(workspace, with, cancellationToken);
        if (sought.Value is not { } others)
            return sought.Problem!;
        if (request.Visibility is TopicVisibilities.Dm && workspace.Topics.Book.FindDm(others[0].Key) is { } known)
            return new CreatedTopic(Describe(workspace, known, workspace.Topics.Posts.CountUnread(workspace.Row.No)), Created: false);

        string id = RandomBytes.NextId();
        bool isDm = request.Visibility is TopicVisibilities.Dm;
        TopicName name = TopicName.Parse(isDm ? "dm-" + id.ToLowerInvariant() : NameOf(request.Name));
        LocalReply<LogChange> drafted = workspace.Keys.DraftTopicLog(id, others.Select(one => (one.Key, LogRole.Member)));
        if (drafted.Value is not { } change)
            return drafted.Problem!;

        using (change)
        {
            var create = new TopicCreate(
                name,
                request.Description,
                isDm ? TopicVisibility.Dm : TopicVisibility.Private,
                id,
                [.. change.Draft.Records.Select(record => record.Signed)],
                [.. change.Copies]);
            LocalReply<TopicCreated> created = await workspace.AskAsync<TopicCreate, TopicCreated>(create, cancellationToken);
            if (created.Problem is { } problem)
                return problem;

            await workspace.Keys.KeepAsync(change.Draft.State.Scope, change, cancellationToken);
            if (await workspace.Topics.RefreshAsync(cancellationToken) is { } unlisted)
                return unlisted;
        }

        return workspace.Topics.Book.FindById(id) is { } topic
            ? new CreatedTopic(Describe(workspace, topic, []), Created: true)
            : BrokerProblems.Refused("", "it made the topic and does not list it.");
    }

    private static async Task<LocalProblem?> UpdateAsync(FoundTopic there, ChangeTopic request, CancellationToken cancellationToken)
    {
        if (request is { Name: null, Description: null, Archived: null, RetentionDays: null })
            return null;

        var update = new TopicUpdate(
            there.Topic.Id,
            request.Name is null ? null : TopicName.Parse(NameOf(request.Name)),
            request.Description,
            request.Archived,
            request.RetentionDays);
        LocalReply<TopicUpdated> updated = await there.Workspace.AskAsync<TopicUpdate, TopicUpdated>(update, cancellationToken);
        if (updated.Value is not { } now)
            return updated.Problem;

        await there.Topics.Book.ChangeAsync(now.Topic.Id, now.Topic, cancellationToken);
        return null;
    }

    /// <summary>A signed record: of the workspace's log for a public topic, of its own for a private one.</summary>
    private static async Task<LocalProblem?> ChangePolicyAsync(FoundTopic there, bool plain, CancellationToken cancellationToken)
    {
        WorkspaceKeys keys = there.Workspace.Keys;
        ScopeKeys scope = keys.GetForTopic(there.Topic.Id);
        LocalReply<Membership> changed = await keys.ChangeAsync(
            scope, change => change.Add(new LogBody.Policy(change.Draft.State.EncryptionRequired, there.Topic.Id, plain)), cancellationToken);
        return changed.Problem ?? await there.Topics.RefreshAsync(cancellationToken);
    }

    private static LocalProblem Invalid(string detail) => LocalProblem.Of(LocalErrors.InvalidRequest, detail, 400, ExitCode.BadArguments);
}
