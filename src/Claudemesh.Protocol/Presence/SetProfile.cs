namespace Claudemesh.Protocol;

/// <summary>Changes the given parts of the peer's profile; answered by an <see cref="Ack"/> that is not <c>queued</c>.</summary>
/// <param name="Avatar">An emoji or a link, at most 1,000 characters; empty removes it.</param>
/// <param name="Title">At most 200 characters; empty removes it.</param>
/// <param name="Bio">At most 1,000 characters; empty removes it.</param>
/// <param name="Capabilities">At most 32 words of 64 characters.</param>
/// <param name="SessionId">Acts on this open session's peer row; absent: on the connection's own.</param>
/// <param name="DisplayName">Ours: the name by which the member, or with <paramref name="SessionId"/> the session, goes from now on.</param>
public sealed record SetProfile(
    string? Avatar = null,
    string? Title = null,
    string? Bio = null,
    string[]? Capabilities = null,
    SessionId? SessionId = null,
    DisplayName? DisplayName = null) : IRequest<Ack>, ILimited
{
    public static string WireType => "set_profile";

    string? ILimited.FindFault() => new PeerProfile(Avatar, Title, Bio, Capabilities).FindFault("");
}

/// <summary>What a peer says of itself; absent fields were never set.</summary>
public sealed record PeerProfile(string? Avatar = null, string? Title = null, string? Bio = null, string[]? Capabilities = null)
{
    /// <param name="prefix">Before the names of the fields, where the profile is a part of something.</param>
    internal string? FindFault(string prefix) =>
        Limit.TooLong(prefix + "avatar", Avatar, WireLimits.AvatarCharsMax)
        ?? Limit.TooLong(prefix + "title", Title, WireLimits.TitleCharsMax)
        ?? Limit.TooLong(prefix + "bio", Bio, WireLimits.BioCharsMax)
        ?? Limit.TooMany(prefix + "capabilities", Capabilities, WireLimits.CapabilitiesMax)
        ?? Capabilities?.Select(word => Limit.TooLong(prefix + "capabilities", word, WireLimits.CapabilityCharsMax)).FirstOrDefault(fault => fault is not null);
}
