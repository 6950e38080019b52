namespace Claudemesh.Protocol;

public sealed record SessionOpened(SessionId SessionId, PublicKey SessionPubkey, string PresenceId) : IMessage
{
    public static string WireType => "session_opened";
}
