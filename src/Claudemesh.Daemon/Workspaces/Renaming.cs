using Claudemesh.Daemon.Sessions;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>
/// Gives a workspace another name: at its broker, which lets its owner do so, and here, where it is closed and opened under it. Other members keep the
/// short name under which they joined.
/// </summary>
internal sealed class Renaming(JoinedWorkspaces workspaces, WorkspaceStore store, WorkspaceOpening opening, OpenSessions sessions)
{
    public async Task<LocalReply<Local.Workspace>> RenameAsync(Local.RenameWorkspace request, CancellationToken cancellationToken)
    {
        if (Find(request, out Protocol.RenameWorkspace? wanted) is { } fault)
            return LocalProblem.Of(LocalErrors.InvalidRequest, fault, 400, ExitCode.BadArguments);

        LocalReply<LiveWorkspace> one = workspaces.RequirePresent(request.Workspace);
        if (one.Value is not { } workspace)
            return one.Problem!;
        if (request.Slug is { } slug && workspaces.Find(slug) is { } other && other != workspace)
            return LocalProblem.Of(LocalErrors.WorkspaceExists, $"You are in another workspace that is called {slug} here; choose another name.", 409, ExitCode.Exists);

        LocalReply<WorkspaceRenamed> renamed = await workspace.AskAsync<Protocol.RenameWorkspace, WorkspaceRenamed>(wanted!, cancellationToken);
        if (!renamed.Succeeded)
            return renamed.Problem;

        return await OpenAgainAsync(workspace, request.Slug ?? workspace.Row.Slug, renamed.Value);
    }

    private static string? Find(Local.RenameWorkspace request, out Protocol.RenameWorkspace? wanted)
    {
        wanted = null;
        Slug slug = default;
        DisplayName name = default;
        if (request.Slug is not null && !Slug.TryParse(request.Slug, out slug))
            return $"slug must be {Slug.Rule}.";
        if (request.Name is not null && !DisplayName.TryParse(request.Name.Trim(), out name))
            return $"name must be {DisplayName.Rule}.";
        if (request.Slug is null && request.Name is null)
            return "Say the new slug, the new name, or both.";

        wanted = new Protocol.RenameWorkspace(request.Slug is null ? null : slug, request.Name is null ? null : name);
        return null;
    }

    /// <summary>Not cancelled with the request: the broker has it by its new name already.</summary>
    private async Task<Local.Workspace> OpenAgainAsync(LiveWorkspace workspace, string slug, WorkspaceRenamed renamed)
    {
        WorkspaceRow before = workspace.Row;
        bool isFree = await store.RenameAsync(before.No, slug, renamed.Slug.Value, renamed.Name, CancellationToken.None);
        WorkspaceRow after = before with { Slug = isFree ? slug : before.Slug, BrokerSlug = renamed.Slug.Value, Name = renamed.Name };
        await opening.CloseAsync(workspace, CancellationToken.None);
        sessions.Renamed(before.Slug, after.Slug);
        return (await opening.OpenAsync(after, CancellationToken.None)).Describe();
    }
}
