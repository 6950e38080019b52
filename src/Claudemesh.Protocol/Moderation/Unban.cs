namespace Claudemesh.Protocol;

/// <summary>Lets a banned member in again, with its key and role of before; answered by <see cref="UnbanAck"/>. Owners and admins only.</summary>
/// <param name="Target">The member's name, its key, or a beginning of the key that only one banned member has; at most 256 characters.</param>
public sealed record Unban(string Target) : IRequest<UnbanAck>, ILimited
{
    public static string WireType => "unban";

    string? ILimited.FindFault() => Limit.TooLong("target", Target, WireLimits.ModerationTargetCharsMax);
}
