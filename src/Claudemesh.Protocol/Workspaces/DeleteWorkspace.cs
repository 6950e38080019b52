namespace Claudemesh.Protocol;

/// <summary>
/// Ends a workspace for everybody and deletes all of it; answered by <see cref="WorkspaceDeleted"/>. Owners only. Every connection of it is closed with 4002,
/// and nothing brings it back.
/// </summary>
/// <param name="Confirm">The workspace's short name, as its owner has typed it.</param>
public sealed record DeleteWorkspace(Slug Confirm) : IRequest<WorkspaceDeleted>
{
    public static string WireType => "workspace_delete";
}
