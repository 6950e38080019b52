namespace Claudemesh.Protocol;

/// <param name="Invites">Newest first, at most 1,000.</param>
public sealed record InvitesList(OpenInvite[] Invites) : IMessage, ILimited
{
    public static string WireType => "invites_list";

    string? ILimited.FindFault() => Limit.HasNull("invites", Invites);
}

/// <summary>An invite that is neither used up, expired nor revoked. Its token is not here: the broker keeps only a hash of it.</summary>
/// <param name="CreatedBy">The maker's name.</param>
public sealed record OpenInvite(
    InviteId InviteId, MemberRole Role, int UsesLeft, int UsesMax, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, string CreatedBy);
