namespace Claudemesh.Broker.Workspaces;

/// <summary>Who may do what on this broker before he belongs to any workspace.</summary>
internal sealed class WorkspaceOptions
{
    /// <summary>Whether whoever reaches the broker may make a workspace. Default true: there are no accounts yet to restrict it to.</summary>
    public bool AnyoneMayCreate { get; set; } = true;
}
