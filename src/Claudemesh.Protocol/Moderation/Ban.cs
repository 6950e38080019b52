namespace Claudemesh.Protocol;

/// <summary>
/// Removes a member: its connections are closed with 4002, every open invite of the workspace ends, what waits for it is refused to its senders.
/// Answered by <see cref="BanAck"/>. Owners and admins only; nobody bans the owner, and only the owner bans an admin.
/// </summary>
/// <param name="Target">A member's or a peer's name, its key, or a beginning of the key that only one has; at most 256 characters.</param>
/// <param name="Reason">Told to the banned member's client; at most 200 characters.</param>
public sealed record Ban(string Target, string? Reason = null) : IRequest<BanAck>, ILimited
{
    public static string WireType => "ban";

    string? ILimited.FindFault() =>
        Limit.TooLong("target", Target, WireLimits.ModerationTargetCharsMax) ?? Limit.TooLong("reason", Reason, WireLimits.ReasonCharsMax);
}
