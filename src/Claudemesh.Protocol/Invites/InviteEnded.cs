namespace Claudemesh.Protocol;

/// <param name="InviteId">The whole id.</param>
public sealed record InviteEnded(InviteId InviteId) : IMessage
{
    public static string WireType => "invite_ended";
}
