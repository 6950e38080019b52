namespace Claudemesh.Protocol;

/// <summary>The limits that the two 1.x handshakes share. 1.x has none; these are far above what its clients send.</summary>
internal static class LegacyLimits
{
    public static string? FindFault(
        string meshId,
        string? memberId,
        string sessionId,
        string cwd,
        string? displayName,
        string? hostname,
        string? peerType,
        string? channel,
        string? model,
        GroupTag[]? groups) =>
        Limit.TooLong("meshId", meshId, WireId.CharsMax)
        ?? Limit.TooLong("memberId", memberId, WireId.CharsMax)
        ?? Limit.TooLong("sessionId", sessionId, 128)
        ?? Limit.TooLong("cwd", cwd, WireLimits.PathCharsMax)
        ?? Limit.TooLong("displayName", displayName, WireLimits.LegacyNameCharsMax)
        ?? Limit.TooLong("hostname", hostname, WireLimits.HostnameCharsMax)
        ?? Limit.TooLong("peerType", peerType, 32)
        ?? Limit.TooLong("channel", channel, 64)
        ?? Limit.TooLong("model", model, WireLimits.ModelCharsMax)
        ?? Limit.TooMany("groups", groups, WireLimits.GroupsMax);
}
