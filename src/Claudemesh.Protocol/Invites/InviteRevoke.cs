namespace Claudemesh.Protocol;

/// <summary>Ends an invite: nobody joins with it any more. Answered by <see cref="InviteEnded"/>. Owners and admins only.</summary>
/// <param name="InviteId">The invite's id, or a beginning of it that only one open invite has.</param>
public sealed record InviteRevoke(InviteId InviteId) : IRequest<InviteEnded>
{
    public static string WireType => "invite_revoke";
}
