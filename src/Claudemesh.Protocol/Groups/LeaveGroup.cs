namespace Claudemesh.Protocol;

/// <summary>Takes the peer out of a group; not answered.</summary>
/// <param name="SessionId">Acts on this open session's peer row; absent: on the connection's own.</param>
public sealed record LeaveGroup(GroupName Name, SessionId? SessionId = null) : INotice
{
    public static string WireType => "leave_group";
}
