namespace Claudemesh.Protocol;

/// <summary>Ends a session of this socket; answered by <see cref="SessionClosed"/>, also when it was not open. What waits for it keeps waiting.</summary>
public sealed record SessionClose(SessionId SessionId) : IRequest<SessionClosed>
{
    public static string WireType => "session_close";
}
