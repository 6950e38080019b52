namespace Claudemesh.Broker.Workspaces;

/// <summary>Who may make workspaces on a broker; the operator's <c>--create</c>.</summary>
public enum WorkspaceCreation
{
    Anyone,

    /// <summary>Whoever is signed in to an account.</summary>
    Accounts,
    Nobody,
}
