namespace Claudemesh.Protocol;

public sealed record InviteCreated(InviteId InviteId) : IMessage
{
    public static string WireType => "invite_created";
}
