namespace Claudemesh.Protocol;

/// <summary>Puts the peer into a group, or changes its role there; not answered.</summary>
/// <param name="Name">Without <c>@</c>; see <see cref="GroupName"/>.</param>
/// <param name="Role">At most 64 characters.</param>
/// <param name="SessionId">Acts on this open session's peer row; absent: on the connection's own.</param>
public sealed record JoinGroup(GroupName Name, string? Role = null, SessionId? SessionId = null) : INotice, ILimited
{
    public static string WireType => "join_group";

    string? ILimited.FindFault() => Limit.TooLong("role", Role, WireLimits.GroupRoleCharsMax);
}
