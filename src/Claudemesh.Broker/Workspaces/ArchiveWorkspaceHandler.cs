using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

/// <summary>Makes a workspace read-only or brings it back. To do so twice changes nothing.</summary>
internal sealed class ArchiveWorkspaceHandler(WorkspaceStore store) : IRequestHandler<ArchiveWorkspace, WorkspaceArchived>
{
    public async ValueTask<Reply<WorkspaceArchived>> HandleAsync(ArchiveWorkspace request, Caller caller, CancellationToken cancellationToken)
    {
        Workspace workspace = caller.Workspace;
        workspace.Archive(await store.ArchiveAsync(workspace.Row.No, request.Archived, AuditActor.Of(caller), cancellationToken));
        WorkspaceNews.Changed(workspace);
        return new WorkspaceArchived(workspace.ArchivedAt);
    }
}
