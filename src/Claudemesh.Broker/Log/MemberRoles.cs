using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Broker.Log;

/// <summary>A workspace's roles, as the log says them and as the broker's tables and frames do.</summary>
internal static class MemberRoles
{
    /// <exception cref="ArgumentOutOfRangeException">A role of a topic only.</exception>
    public static MemberRole Of(LogRole role) => role switch
    {
        LogRole.Member => MemberRole.Member,
        LogRole.Admin => MemberRole.Admin,
        LogRole.Owner => MemberRole.Owner,
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "No role of a workspace."),
    };
}
