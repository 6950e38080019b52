namespace Claudemesh.Protocol;

/// <summary>Changes a workspace's short name, what it is called, or both; answered by <see cref="WorkspaceRenamed"/>. Owners only.</summary>
/// <param name="Slug">The new short name. Unlike at creation a taken one is refused: the owner has said which he wants.</param>
public sealed record RenameWorkspace(Slug? Slug = null, DisplayName? Name = null) : IRequest<WorkspaceRenamed>, ILimited
{
    public static string WireType => "workspace_rename";

    string? ILimited.FindFault() => Slug is null && Name is null ? "slug or name must be given" : null;
}
