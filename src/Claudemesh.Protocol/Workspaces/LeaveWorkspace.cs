namespace Claudemesh.Protocol;

/// <summary>
/// The caller gives up its membership for good: its key is never a member's again, all its connections are closed with 4002. Answered by
/// <see cref="WorkspaceLeft"/>. An owner can leave only as the last one, and the workspace ends with it.
/// </summary>
public sealed record LeaveWorkspace : IRequest<WorkspaceLeft>
{
    public static string WireType => "workspace_leave";
}
