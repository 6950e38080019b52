namespace Claudemesh.Broker.Workspaces;

/// <summary>Who may do what on this broker before he belongs to any workspace.</summary>
internal sealed class WorkspaceOptions
{
    /// <summary>Who may make a workspace. Default: whoever reaches the broker.</summary>
    public WorkspaceCreation Creation { get; set; }
}
