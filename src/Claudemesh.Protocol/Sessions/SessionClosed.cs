namespace Claudemesh.Protocol;

public sealed record SessionClosed(SessionId SessionId) : IMessage
{
    public static string WireType => "session_closed";
}
