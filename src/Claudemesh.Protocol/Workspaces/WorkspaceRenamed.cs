namespace Claudemesh.Protocol;

/// <summary>As it is now.</summary>
public sealed record WorkspaceRenamed(Slug Slug, string Name) : IMessage
{
    public static string WireType => "workspace_renamed";
}
