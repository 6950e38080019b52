namespace Claudemesh.Protocol;

/// <summary>Stores an invite that the owner has signed; answered by <see cref="InviteCreated"/>. Owners only.</summary>
/// <param name="Token">The v1 token, whole: it is what joiners present and how the broker finds the invite; at most 4,096 characters.</param>
/// <param name="Uses">How many members may join with it, 1 to 1,000.</param>
public sealed record InviteCreate(string Token, int Uses) : IRequest<InviteCreated>, ILimited
{
    public static string WireType => "invite_create";

    string? ILimited.FindFault() =>
        Limit.TooLong("token", Token, WireLimits.TokenCharsMax) ?? (Uses is >= 1 and <= 1000 ? null : "uses must be 1 to 1000");
}
