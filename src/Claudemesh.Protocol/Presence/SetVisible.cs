namespace Claudemesh.Protocol;

/// <summary>Shows the peer to others or hides it; answered by an <see cref="Ack"/> that is not <c>queued</c>.</summary>
/// <param name="SessionId">Acts on this open session's peer row; absent: on the connection's own.</param>
public sealed record SetVisible(bool Visible, SessionId? SessionId = null) : IRequest<Ack>
{
    public static string WireType => "set_visible";
}
