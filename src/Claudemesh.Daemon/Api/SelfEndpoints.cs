using Claudemesh.Daemon.Contacts;
using Claudemesh.Daemon.Self;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>What this person says of himself, and the groups that there are.</summary>
internal sealed class SelfEndpoints(SelfChanges changes, JoinedWorkspaces workspaces)
{
    public async Task ReadAsync(HttpContext context)
    {
        LocalReply<Scope> scope = LocalHttp.ReadScope(context);
        if (!scope.Succeeded || !LocalHttp.TryFlag(context, "member", out bool member))
        {
            await LocalHttp.WriteProblemAsync(context, scope.Problem ?? LocalHttp.Invalid("member is true or false."));
            return;
        }

        var who = new WhoAmI(scope.Value.Workspace, LocalHttp.Query(context, "session"), member, LocalHttp.Query(context, "caller"));
        LocalReply<SelfList> selves = await changes.ReadAsync(who, LocalHttp.CallerProcess(context), context.RequestAborted);
        await LocalHttp.WriteAsync(context, selves, LocalJson.Default.SelfList);
    }

    public Task ChangeAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.ChangeSelf,
        body => body.About.Workspace,
        (body, scope, token) => changes.ChangeAsync(body with { About = body.About with { Workspace = scope.Workspace } }, LocalHttp.CallerProcess(context), token),
        LocalJson.Default.Self);

    public Task ListGroupsAsync(HttpContext context) => LocalHttp.AnswerAsync(context, ListGroupsAsync, LocalJson.Default.GroupList);

    private async Task<LocalReply<GroupList>> ListGroupsAsync(Scope scope, CancellationToken cancellationToken)
    {
        LocalReply<List<Group>> groups = await workspaces.ListAsync(scope.Workspace, GroupListing.Of, cancellationToken);
        return groups.Succeeded ? new GroupList(groups.Value) : groups.Problem;
    }
}
