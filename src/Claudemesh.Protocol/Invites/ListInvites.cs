namespace Claudemesh.Protocol;

/// <summary>Asks which invites can still be used; answered by <see cref="InvitesList"/>. Owners and admins only.</summary>
public sealed record ListInvites : IRequest<InvitesList>
{
    public static string WireType => "list_invites";
}
