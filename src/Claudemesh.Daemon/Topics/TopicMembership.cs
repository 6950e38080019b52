using Claudemesh.Crypto;
using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Moderation;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Daemon.Topics;

/// <summary>Who is in a topic. Of a private one its own signed log decides: its leads admit, give roles and remove.</summary>
internal sealed class TopicMembership(TopicSearch search)
{
    /// <summary>The members of the workspace that are meant, each once.</summary>
    public static async Task<LocalReply<IReadOnlyList<SoughtMember>>> FindAllAsync(LiveWorkspace workspace, string[] typed, CancellationToken cancellationToken)
    {
        await workspace.Keys.ReadOnAsync(workspace.Keys.Mesh, cancellationToken);
        Roster roster = await workspace.GetRosterAsync(fresh: true, cancellationToken);
        SoughtMember[] among = [.. MemberSearch.Members(workspace, roster)];
        var found = new List<SoughtMember>();
        foreach (string name in typed)
        {
            LocalReply<SoughtMember> one = MemberSearch.Find(name, workspace.Row.Slug, among);
            if (one.Value is not { } member)
                return one.Problem!;
            if (member.Key == workspace.Identity.Public)
                return LocalProblem.Of(LocalErrors.RecipientIsSelf, $"{name} is yourself, and whoever makes a topic is in it.", 400, ExitCode.BadArguments);
            found.Add(member);
        }

        return found.DistinctBy(member => member.Key).ToArray();
    }

    public async Task<LocalReply<TopicPeople>> ListAsync(string topic, string? slug, CancellationToken cancellationToken)
    {
        LocalReply<FoundTopic> found = await search.FindAsync(topic, slug, cancellationToken);
        if (found.Value is not { } there)
            return found.Problem!;

        LiveWorkspace workspace = there.Workspace;
        LocalReply<TopicMembersResult> asked = await workspace.AskAsync<TopicMembers, TopicMembersResult>(new TopicMembers(there.Topic.Id), cancellationToken);
        if (asked.Value is not { } result)
            return asked.Problem!;

        return new TopicPeople(workspace.Row.Slug, there.Topic.Name, [.. result.Members.Select(one => new TopicPerson(
            one.DisplayName.Value,
            one.Pubkey.ToString(),
            one.Role.ToString().ToLowerInvariant(),
            one.JoinedAt,
            one.LastReadAt,
            one.Pubkey == workspace.Identity.Public,
            workspace.Pins.Find(one.Pubkey)?.VerifiedAt is not null))]);
    }

    public async Task<LocalReply<TopicMemberChanged>> ChangeAsync(ChangeTopicMember request, CancellationToken cancellationToken)
    {
        LogRole? role = request.Role switch
        {
            TopicRoles.Lead => LogRole.Lead,
            TopicRoles.Member => LogRole.Member,
            TopicRoles.Observer => LogRole.Observer,
            _ => null,
        };
        if (request.Change is not (TopicMemberChanges.Admit or TopicMemberChanges.Role or TopicMemberChanges.Remove))
            return Invalid("change must be admit, role or remove.");
        if (request.Change is TopicMemberChanges.Remove ? request.Role is not null : role is null)
            return Invalid("role must be lead, member or observer, and is not given with a removal.");

        LocalReply<FoundTopic> found = await search.FindAsync(request.Topic, request.Workspace, cancellationToken);
        if (found.Value is not { } there)
            return found.Problem!;
        if (there.Topic.IsPublic)
            return Invalid($"{there.Words} is public: everybody joins and leaves it himself.");
        if (there.Topic.IsDm)
            return Invalid($"{there.Words} is between two, and stays so.");

        LocalReply<SoughtMember> sought = await FindAsync(there, request, cancellationToken);
        if (sought.Value is not { } member)
            return sought.Problem!;

        LocalReply<Membership> changed = await AppendAsync(there, request.Change, member, role, cancellationToken);
        return changed.Problem is { } problem
            ? problem
            : new TopicMemberChanged(there.Workspace.Row.Slug, there.Topic.Name, member.Name, member.Key.ToString(), request.Role);
    }

    /// <summary>Who is to be admitted is looked for in the workspace; who is to be changed or removed, in the topic, also where the workspace has lost him.</summary>
    private static async Task<LocalReply<SoughtMember>> FindAsync(FoundTopic there, ChangeTopicMember request, CancellationToken cancellationToken)
    {
        LiveWorkspace workspace = there.Workspace;
        ScopeKeys scope = workspace.Keys.GetForTopic(there.Topic.Id);
        if (await workspace.Keys.ReadOnAsync(scope, cancellationToken) is { } problem)
            return problem;

        Roster roster = await workspace.GetRosterAsync(fresh: false, cancellationToken);
        IEnumerable<SoughtMember> among = request.Change is TopicMemberChanges.Admit
            ? MemberSearch.Members(workspace, roster)
            : scope.State.Members.Select(one => new SoughtMember(workspace.NameOf(one.Key), one.Key, one.Value.MemberId, one.Value.Kind));
        return MemberSearch.Find(request.Member, there.Words, [.. among]);
    }

    private static Task<LocalReply<Membership>> AppendAsync(
        FoundTopic there, string change, SoughtMember member, LogRole? role, CancellationToken cancellationToken)
    {
        WorkspaceKeys keys = there.Workspace.Keys;
        ScopeKeys scope = keys.GetForTopic(there.Topic.Id);
        return change switch
        {
            TopicMemberChanges.Admit => keys.ChangeAsync(scope, draft => draft.Admit(member.MemberId, member.Key, role!.Value, member.Kind), cancellationToken),
            TopicMemberChanges.Role => keys.ChangeAsync(scope, draft => draft.Add(new LogBody.Role(member.Key, role!.Value)), cancellationToken),
            _ => keys.RemoveAsync(scope, new LogBody.Remove(member.Key, "removed"), "member removed", cancellationToken),
        };
    }

    private static LocalProblem Invalid(string detail) => LocalProblem.Of(LocalErrors.InvalidRequest, detail, 400, ExitCode.BadArguments);
}
