namespace Claudemesh.Protocol;

/// <summary>The workspace has another name, or was archived or brought back: how it is now.</summary>
/// <param name="ArchivedAt">Since when it is read-only; absent: it is not.</param>
public sealed record WorkspaceChanged(Slug Slug, string Name, DateTimeOffset? ArchivedAt = null) : IEvent
{
    public static string WireType => "workspace_changed";
}
