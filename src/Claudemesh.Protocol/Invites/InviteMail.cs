namespace Claudemesh.Protocol;

/// <summary>
/// Has the broker write an invite of the log to somebody: the link without its secret, which the broker does not have, so whoever comes by it waits to be
/// admitted. Answered by <see cref="InviteMailed"/>. Owners and admins only, and only where the broker sends mail.
/// </summary>
/// <param name="InviteId">An open invite.</param>
public sealed record InviteMail(InviteId InviteId, EmailAddress Email) : IRequest<InviteMailed>
{
    public static string WireType => "invite_mail";
}

/// <param name="InviteId">The letter is on its way; whether it arrives is not known here.</param>
public sealed record InviteMailed(InviteId InviteId) : IMessage
{
    public static string WireType => "invite_mailed";
}

/// <summary>The body of <c>POST /api/v1/invites/{id}/mail</c>.</summary>
public sealed record InviteLetter(EmailAddress Email);
