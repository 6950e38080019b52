namespace Claudemesh.Protocol;

/// <summary>A peer that was taken off: a connection of a member, or one of its sessions.</summary>
/// <param name="Pubkey">The session's key if it is one, else the member's.</param>
public sealed record AffectedPeer(string DisplayName, PublicKey Pubkey, PublicKey MemberPubkey);
