namespace Claudemesh.Protocol;

/// <summary>
/// Makes a workspace read-only, or brings it back; answered by <see cref="WorkspaceArchived"/>. Owners only. In an archived one nothing is sent, posted or
/// written and nobody is let in; everything can be read, and who is in it can leave or be removed.
/// </summary>
/// <param name="Archived">False: as it was before.</param>
public sealed record ArchiveWorkspace(bool Archived) : IRequest<WorkspaceArchived>
{
    public static string WireType => "workspace_archive";
}
