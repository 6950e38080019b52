namespace Claudemesh.Protocol;

/// <summary>Asks what the caller lets whom do to it, where that is not the default; answered by <see cref="GrantsList"/>.</summary>
public sealed record ListGrants : IRequest<GrantsList>
{
    public static string WireType => "list_grants";
}
