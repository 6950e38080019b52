using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

/// <summary>Gives the workspace another short name or title. Members hear of it at once, or with their next hello; links go on working, they carry its id.</summary>
internal sealed class RenameWorkspaceHandler(WorkspaceStore store) : IRequestHandler<RenameWorkspace, WorkspaceRenamed>
{
    public async ValueTask<Reply<WorkspaceRenamed>> HandleAsync(RenameWorkspace request, Caller caller, CancellationToken cancellationToken)
    {
        Workspace workspace = caller.Workspace;
        Slug slug = request.Slug ?? workspace.Row.Slug;
        string name = request.Name?.Value ?? workspace.Row.Name;
        if (!await store.RenameAsync(workspace.Row.No, slug, name, cancellationToken, AuditActor.Of(caller)))
            return MeshError.SlugUnavailable.With($"The slug is invalid: another workspace is called {slug.Value}. Choose another.");

        workspace.Rename(slug, name);
        WorkspaceNews.Changed(workspace);
        return new WorkspaceRenamed(slug, name);
    }
}
