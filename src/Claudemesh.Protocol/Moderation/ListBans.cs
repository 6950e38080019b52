namespace Claudemesh.Protocol;

/// <summary>Asks who is banned; answered by <see cref="ListBansResult"/>. Owners and admins only.</summary>
public sealed record ListBans : IRequest<ListBansResult>
{
    public static string WireType => "list_bans";
}
