using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Sessions;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Self;

/// <summary>Shows and changes what this person says of himself: kept first, then told.</summary>
internal sealed class SelfChanges(JoinedWorkspaces workspaces, OpenSessions sessions, SessionLimits limits)
{
    /// <param name="caller">The process that asks.</param>
    public async Task<LocalReply<Local.Self>> ChangeAsync(ChangeSelf request, int? caller, CancellationToken cancellationToken)
    {
        if (SelfRules.FindFault(request) is { } fault)
            return fault;

        LocalReply<LiveWorkspace> one = workspaces.RequireOne(request.About.Workspace);
        if (!one.Succeeded)
            return one.Problem;

        LiveWorkspace workspace = one.Value;
        LocalReply<Acting> acting = sessions.FindActing(workspace, request.About, caller);
        if (!acting.Succeeded)
            return acting.Problem;

        string session = acting.Value.Session;
        SelfFacts before = workspace.Self.Find(session);
        if (request is not { Join: null, Leave: null })
        {
            LocalReply<GroupTag[]> groups = await GroupsToChangeAsync(workspace, session, request, cancellationToken);
            if (!groups.Succeeded)
                return groups.Problem;

            before = before with { Groups = groups.Value };
        }

        SelfFacts now = await workspace.Self.ChangeAsync(session, facts => Apply(facts with { Groups = facts.Groups ?? before.Groups }, request), cancellationToken);
        bool told = await workspace.Teller.TellAsync(session, before, now, cancellationToken);
        return await DescribeAsync(workspace, acting.Value, told, cancellationToken);
    }

    public async Task<LocalReply<SelfList>> ReadAsync(WhoAmI who, int? caller, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace[]> within = workspaces.Require(who.Workspace);
        if (!within.Succeeded)
            return within.Problem;

        var selves = new List<Local.Self>();
        foreach (LiveWorkspace workspace in within.Value)
        {
            LocalReply<Acting> acting = sessions.FindActing(workspace, who, caller);
            if (acting.Succeeded)
                selves.Add(await DescribeAsync(workspace, acting.Value, workspace.IsTold && workspace.Summaries.IsTold(acting.Value.Session), cancellationToken));
            else if (who.Workspace is not null || within.Value.Length == 1)
                return acting.Problem;
        }

        // A session that is named is open somewhere, or it is a mistake.
        return selves.Count == 0 && who.Session is { } named && within.Value.Length > 0
            ? LocalProblem.Of(LocalErrors.SessionNotFound, $"No session {named} is open.", 404, ExitCode.NotFound)
            : new SelfList(selves);
    }

    private static SelfFacts Apply(SelfFacts facts, ChangeSelf request) => facts with
    {
        Name = request.Name is { } name ? DisplayName.Parse(name) : facts.Name,
        Status = request.Status is { } status ? Enum.Parse<PresenceStatus>(status, ignoreCase: true) : facts.Status,
        Summary = request.Summary switch { null => facts.Summary, "" => null, var summary => summary },
        Visible = request.Visible ?? facts.Visible,
        Profile = Profiles.Merge(facts.Profile, request.Profile),
        Groups = Regroup(facts.Groups, request),
    };

    private static IReadOnlyList<GroupTag>? Regroup(IReadOnlyList<GroupTag>? groups, ChangeSelf request)
    {
        if ((request.Join?.Name ?? request.Leave) is not { } name)
            return groups;

        IEnumerable<GroupTag> others = (groups ?? []).Where(group => !string.Equals(group.Name, name, StringComparison.Ordinal));
        return request.Join is { } join ? [.. others, new GroupTag(join.Name, join.Role)] : [.. others];
    }

    /// <summary>The groups before the change. Until the first change here only the broker knows them, some by the invite for instance.</summary>
    private static async Task<LocalReply<GroupTag[]>> GroupsToChangeAsync(
        LiveWorkspace workspace, string session, ChangeSelf request, CancellationToken cancellationToken)
    {
        GroupTag[]? groups = workspace.Self.Find(session).Groups?.ToArray();
        if (groups is null)
        {
            Roster roster = await workspace.GetRosterAsync(fresh: true, cancellationToken);
            if (FindSelf(workspace, roster, session) is not { } listed)
            {
                return roster.Unanswered($"Which groups of {workspace.Row.Slug} you are in is known to its broker only.");
            }

            groups = [.. listed.Groups];
        }

        if (request.Leave is { } leave && !Array.Exists(groups, group => string.Equals(group.Name, leave, StringComparison.Ordinal)))
        {
            string? meant = NearestMatch.Find(leave, groups.Select(group => group.Name));
            return LocalProblem.Of(
                LocalErrors.GroupNotFound, $"You are not in @{leave} of {workspace.Row.Slug}.{NearestMatch.DidYouMean(meant, "@")}", 404, ExitCode.NotFound);
        }

        bool isNew = request.Join is { } join && !Array.Exists(groups, group => string.Equals(group.Name, join.Name, StringComparison.Ordinal));
        return isNew && groups.Length >= WireLimits.GroupsMax
            ? LocalProblem.Of(LocalErrors.InvalidRequest, $"You are in {WireLimits.GroupsMax} groups, and more are not possible; leave one first.", 400, ExitCode.BadArguments)
            : groups;
    }

    private static RosterPeer? FindSelf(LiveWorkspace workspace, Roster roster, string session) => roster.Peers.FirstOrDefault(peer =>
        peer.MemberKey == workspace.Identity.Public
        && (session == SelfBook.Member ? !peer.IsSession : string.Equals(peer.SessionId, session, StringComparison.Ordinal)));

    private async Task<Local.Self> DescribeAsync(LiveWorkspace workspace, Acting acting, bool told, CancellationToken cancellationToken)
    {
        SelfFacts facts = workspace.Self.Find(acting.Session);
        IReadOnlyList<GroupTag> groups = facts.Groups
            ?? FindSelf(workspace, await workspace.GetRosterAsync(fresh: false, cancellationToken), acting.Session)?.Groups
            ?? [];
        return new Local.Self(
            workspace.Row.Slug,
            acting.Session == SelfBook.Member ? null : acting.Session,
            facts.Name?.Value ?? acting.Name ?? workspace.Row.DisplayName,
            workspace.Self.StatusOf(acting.Session).ToString().ToLowerInvariant(),
            facts.Summary,
            workspace.Self.IsVisible(acting.Session),
            Profiles.Describe(facts.Profile) ?? new Profile(),
            [.. groups.Select(group => new GroupRole(group.Name, group.Role))],
            told,
            limits.Find(acting.Session) is { } left ? SessionCapabilityWords.Write(left) : null);
    }
}
