using Claudemesh.Daemon.Outbox;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>
/// How one leaves a workspace: that is signed into its log, or the broker of one without is told, first; then everything of it is deleted here, its key too. Where the broker has put this person out
/// already, or he says so, only the second is done.
/// </summary>
internal sealed partial class Exit(
    JoinedWorkspaces workspaces, WorkspaceStore store, OutboxStore outbox, WorkspaceOpening opening, ILogger<Exit> logger)
{
    public async Task<LocalReply<LeftWorkspace>> LeaveAsync(Local.LeaveWorkspace request, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequireOne(request.Workspace);
        if (one.Value is not { } workspace)
            return one.Problem!;

        bool tells = !request.HereOnly && workspace.Absence is not { IsRemoval: true };
        if (tells && await TellAsync(workspace, cancellationToken) is { } problem)
            return problem;

        // Not cancelled with the request: the broker knows already, and half of a workspace is no use to anybody.
        await opening.CloseAsync(workspace, CancellationToken.None);
        await store.DeleteAsync(workspace.Row, CancellationToken.None);
        outbox.Forget(workspace.Row.No);
        LogLeft(workspace.Row.Slug, tells);
        return new LeftWorkspace(workspace.Row.Slug, tells);
    }

    private static async Task<LocalProblem?> TellAsync(LiveWorkspace workspace, CancellationToken cancellationToken)
    {
        // An owner alone has nobody to hand the workspace to, and no record says that he goes: the broker closes it.
        bool isAlone = workspace.Role is "owner" && workspace.Keys.Mesh.State.Members.Count == 1;
        LocalProblem? refused = workspace.Keys.IsMember && !isAlone
            ? (await workspace.Keys.RemoveAsync(workspace.Keys.Mesh, new LogBody.Remove(workspace.Identity.Public, "left"), "", cancellationToken)).Problem
            : (await workspace.AskAsync<Protocol.LeaveWorkspace, WorkspaceLeft>(new Protocol.LeaveWorkspace(), cancellationToken)).Problem;
        return refused switch
        {
            null => null,
            { Error: LocalErrors.BrokerUnreachable } away => away with
            {
                Detail = $"{away.Detail} `claudemesh leave {workspace.Row.Slug} --here-only` deletes it on this machine without telling it.",
            },
            { } problem => problem,
        };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Left workspace {Slug}; the broker was told: {Told}")]
    private partial void LogLeft(string slug, bool told);
}
