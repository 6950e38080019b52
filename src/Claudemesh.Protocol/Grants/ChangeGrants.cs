namespace Claudemesh.Protocol;

/// <summary>
/// Changes what the caller lets another member do to it: first the reset, then what is taken, then what is given. Taking everything blocks the
/// member, whose messages are then refused with <c>blocked</c>. Answered by <see cref="GrantsChanged"/>.
/// </summary>
/// <param name="Target">A member's or a peer's name, its key, or a beginning of the key that only one has; at most 256 characters.</param>
/// <param name="Reset">Back to what holds where nothing was said.</param>
public sealed record ChangeGrants(string Target, GrantedCapability[]? Give = null, GrantedCapability[]? Take = null, bool? Reset = null)
    : IRequest<GrantsChanged>, ILimited
{
    private const int CapabilitiesMax = 16;

    public static string WireType => "change_grants";

    string? ILimited.FindFault() =>
        Limit.TooLong("target", Target, WireLimits.ModerationTargetCharsMax)
        ?? Limit.TooMany("give", Give, CapabilitiesMax)
        ?? Limit.TooMany("take", Take, CapabilitiesMax)
        ?? (Give is null && Take is null && Reset is not true ? "one of give, take and reset must be given" : null);
}
