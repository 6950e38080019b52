using Claudemesh.Daemon.Outbox;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>What an owner does to a whole workspace: makes it read-only, brings it back, ends it for everybody.</summary>
internal sealed partial class WorkspaceLife(
    JoinedWorkspaces workspaces, WorkspaceStore store, OutboxStore outbox, WorkspaceOpening opening, ILogger<WorkspaceLife> logger)
{
    public async Task<LocalReply<Local.Workspace>> ArchiveAsync(Local.ArchiveWorkspace request, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(request.Workspace);
        if (one.Value is not { } workspace)
            return one.Problem!;

        LocalReply<WorkspaceArchived> done = await workspace.AskAsync<Protocol.ArchiveWorkspace, WorkspaceArchived>(
            new Protocol.ArchiveWorkspace(request.Archived), cancellationToken);
        if (!done.Succeeded)
            return done.Problem;

        workspace.ArchivedAt = done.Value.ArchivedAt;
        return workspace.Describe();
    }

    /// <summary>At the broker first; then everything of it is deleted here, as by leaving.</summary>
    public async Task<LocalReply<LeftWorkspace>> DeleteAsync(Local.DeleteWorkspace request, CancellationToken cancellationToken)
    {
        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(request.Workspace);
        if (one.Value is not { } workspace)
            return one.Problem!;
        if (request.Confirm != workspace.Row.Slug && request.Confirm != workspace.Row.BrokerSlug)
        {
            return LocalProblem.Of(
                LocalErrors.InvalidRequest, $"To delete it for everybody, type its name: {workspace.Row.Slug}, not '{request.Confirm}'. Nothing was deleted.", 400, ExitCode.BadArguments);
        }

        LocalReply<WorkspaceDeleted> done = await workspace.AskAsync<Protocol.DeleteWorkspace, WorkspaceDeleted>(
            new Protocol.DeleteWorkspace(Slug.Parse(workspace.Row.BrokerSlug)), cancellationToken);
        if (!done.Succeeded)
            return done.Problem;

        // Not cancelled with the request: it is gone for everybody already.
        await opening.CloseAsync(workspace, CancellationToken.None);
        await store.DeleteAsync(workspace.Row, CancellationToken.None);
        outbox.Forget(workspace.Row.No);
        LogDeleted(workspace.Row.Slug);
        return new LeftWorkspace(workspace.Row.Slug, Told: true);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Deleted workspace {Slug} for everybody")]
    private partial void LogDeleted(string slug);
}
