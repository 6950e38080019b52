using Claudemesh.Daemon.Account;
using Claudemesh.Daemon.Moderation;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>Workspaces, who is in them, and how one comes in and goes.</summary>
internal sealed class WorkspaceEndpoints(
    JoinedWorkspaces workspaces, Entrance entrance, InviteMaking making, OpenInvites invites, Renaming renaming, Exit exit, WorkspaceLife life, AccountMoments account)
{
    public async Task ListAsync(HttpContext context)
    {
        LocalReply<Scope> scope = LocalHttp.ReadScope(context);
        if (!scope.Succeeded)
        {
            await LocalHttp.WriteProblemAsync(context, scope.Problem);
            return;
        }

        await account.LookedAsync();
        await LocalHttp.WriteAsync(
            context,
            new WorkspaceList([.. workspaces.In(scope.Value.Workspace).Select(workspace => workspace.Describe())]),
            LocalJson.Default.WorkspaceList);
    }

    public Task CreateAsync(HttpContext context) => EnterAsync(context, async () =>
    {
        LocalReply<CreateWorkspace> body = await LocalHttp.ReadBodyAsync(context, LocalJson.Default.CreateWorkspace);
        return body.Succeeded ? await entrance.CreateAsync(body.Value, context.RequestAborted) : body.Problem;
    });

    public Task JoinAsync(HttpContext context) => EnterAsync(context, async () =>
    {
        LocalReply<JoinWorkspace> body = await LocalHttp.ReadBodyAsync(context, LocalJson.Default.JoinWorkspace);
        return body.Succeeded ? await entrance.JoinAsync(body.Value, context.RequestAborted) : body.Problem;
    });

    public async Task InviteAsync(HttpContext context)
    {
        LocalReply<CreateInvite> body = await LocalHttp.ReadBodyAsync(context, LocalJson.Default.CreateInvite);
        LocalReply<Scope> scope = LocalHttp.ReadScope(context, body.Value?.Workspace);
        if (!body.Succeeded || !scope.Succeeded)
        {
            await LocalHttp.WriteProblemAsync(context, body.Problem ?? scope.Problem!);
            return;
        }

        LocalReply<Invite> invite = await making.CreateAsync(body.Value with { Workspace = scope.Value.Workspace }, context.RequestAborted);
        await LocalHttp.WriteAsync(context, invite, LocalJson.Default.Invite, StatusCodes.Status201Created);
    }

    public Task ListInvitesAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context, (scope, token) => invites.ListAsync(scope.Workspace, token), LocalJson.Default.InviteList);

    public Task RevokeInviteAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        (scope, token) => invites.RevokeAsync((string)context.Request.RouteValues["id"]!, scope.Workspace, token),
        LocalJson.Default.RevokedInvite);

    public Task RenameAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.RenameWorkspace,
        body => body.Workspace,
        (body, _, token) => renaming.RenameAsync(body, token),
        LocalJson.Default.Workspace);

    public Task ArchiveAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.ArchiveWorkspace,
        body => body.Workspace,
        (body, _, token) => life.ArchiveAsync(body, token),
        LocalJson.Default.Workspace);

    public Task DeleteAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.DeleteWorkspace,
        body => body.Workspace,
        (body, _, token) => life.DeleteAsync(body, token),
        LocalJson.Default.LeftWorkspace);

    public Task LeaveAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.LeaveWorkspace,
        body => body.Workspace,
        (body, _, token) => exit.LeaveAsync(body, token),
        LocalJson.Default.LeftWorkspace);

    public Task ListPeersAsync(HttpContext context) => ListAsync(
        context,
        (workspace, roster) => workspace.DescribePeers(roster),
        (peers, stale) => LocalHttp.WriteAsync(context, new PeerList(peers, stale), LocalJson.Default.PeerList));

    public Task ListMembersAsync(HttpContext context) => ListAsync(
        context,
        (workspace, roster) => workspace.DescribeMembers(roster),
        (members, _) => LocalHttp.WriteAsync(context, new MemberList(members), LocalJson.Default.MemberList));

    private async Task ListAsync<T>(
        HttpContext context, Func<LiveWorkspace, Contacts.Roster, IEnumerable<T>> describe, Func<List<T>, List<StaleWorkspace>, Task> write)
    {
        LocalReply<Scope> scope = LocalHttp.ReadScope(context);
        LocalReply<LiveWorkspace[]> chosen = scope.Value is null ? scope.Problem! : workspaces.RequireSomePresent(scope.Value.Workspace);
        if (chosen.Value is not { } within)
        {
            await LocalHttp.WriteProblemAsync(context, chosen.Problem!);
            return;
        }

        var all = new List<T>();
        var stale = new List<StaleWorkspace>();
        foreach (LiveWorkspace workspace in within)
        {
            Contacts.Roster roster = await workspace.GetRosterAsync(fresh: true, context.RequestAborted);
            all.AddRange(describe(workspace, roster));
            if (roster.IsStale)
                stale.Add(new StaleWorkspace(workspace.Row.Slug, roster.StaleSince, roster.Trouble?.Detail));
        }

        await write(all, stale);
    }

    private async Task EnterAsync(HttpContext context, Func<Task<LocalReply<Workspace>>> enter)
    {
        LocalReply<Workspace> entered = LocalHttp.DoorWorkspace(context) is null
            ? await enter()
            : LocalProblem.Of(LocalErrors.Forbidden, "This socket is limited to one workspace.", 403, ExitCode.Denied);
        if (entered.Succeeded)
            await account.EnteredAsync();
        await LocalHttp.WriteAsync(context, entered, LocalJson.Default.Workspace, StatusCodes.Status201Created);
    }
}
