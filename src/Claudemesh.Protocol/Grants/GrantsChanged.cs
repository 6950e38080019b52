namespace Claudemesh.Protocol;

public sealed record GrantsChanged(MemberGrant Grant) : IMessage
{
    public static string WireType => "grants_changed";
}

/// <summary>What a member lets another do to it.</summary>
/// <param name="Capabilities">None: the other is blocked.</param>
/// <param name="IsDefault">Whether nothing in particular is said of it.</param>
public sealed record MemberGrant(string DisplayName, PublicKey Pubkey, GrantedCapability[] Capabilities, bool IsDefault);
