namespace Claudemesh.Protocol;

/// <summary>Sets what the peer is doing; not answered.</summary>
/// <param name="SessionId">Acts on this open session's peer row; absent: on the connection's own.</param>
public sealed record SetStatus(PresenceStatus Status, SessionId? SessionId = null) : INotice
{
    public static string WireType => "set_status";
}
