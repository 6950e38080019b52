namespace Claudemesh.Protocol;

/// <param name="ArchivedAt">Since when; absent: it is not.</param>
public sealed record WorkspaceArchived(DateTimeOffset? ArchivedAt = null) : IMessage
{
    public static string WireType => "workspace_archived";
}
