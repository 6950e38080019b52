namespace Claudemesh.Protocol;

/// <param name="Slug">The short name that it had; another may have it now.</param>
public sealed record WorkspaceDeleted(Slug Slug) : IMessage
{
    public static string WireType => "workspace_deleted";
}
