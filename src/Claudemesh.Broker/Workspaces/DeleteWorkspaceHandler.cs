using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Workspaces;

/// <summary>Ends a workspace. Once it is written that it has ended, everything of it is closed behind the answer, and deleted after that.</summary>
internal sealed partial class DeleteWorkspaceHandler(WorkspaceStore store, WorkspaceEnding ending, ILogger<DeleteWorkspaceHandler> logger)
    : IRequestHandler<DeleteWorkspace, WorkspaceDeleted>
{
    public async ValueTask<Reply<WorkspaceDeleted>> HandleAsync(DeleteWorkspace request, Caller caller, CancellationToken cancellationToken)
    {
        Workspace workspace = caller.Workspace;
        Slug slug = workspace.Row.Slug;
        if (request.Confirm != slug)
            return MeshError.NotConfirmed.With($"The confirmation is invalid: type {slug}, the short name of the workspace, exactly. Nothing was deleted.");

        await store.EndAsync(workspace.Row.No, cancellationToken);
        LogDeleted(caller.Member.Id.Value, workspace.Id.Value);
        return Reply<WorkspaceDeleted>.Last(
            new WorkspaceDeleted(slug),
            () => ending.TakeDown(workspace, MeshError.WorkspaceEnded.With(
                $"{caller.Member.DisplayName} has deleted {slug}, so being there is forbidden now. `claudemesh leave {slug}` deletes it on this machine.")));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Member {Member} deleted workspace {Mesh}")]
    private partial void LogDeleted(string member, string mesh);
}
