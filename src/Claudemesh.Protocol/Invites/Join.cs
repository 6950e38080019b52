using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>The body of <c>POST /join</c>; answered 200 with <see cref="Joined"/>, or 400 with a <see cref="Problem"/>.</summary>
/// <param name="InviteToken">The v1 token; the broker believes what is in it, never <paramref name="InvitePayload"/>.</param>
/// <param name="InvitePayload">The token's content once more, as 1.x sends it.</param>
/// <param name="PeerPubkey">The joining member's key.</param>
/// <param name="JoinedAt">Ours, with <paramref name="Possession"/>: ms since 1970.</param>
/// <param name="Possession">64 bytes by the joining key over
/// T("claudemesh/join-possession/1", mesh_id, SHA-256(invite_token), pubkey, joined_at). Without it the member is <c>legacy</c>.</param>
public sealed record Join(
    [property: JsonPropertyName("invite_token")] string InviteToken,
    [property: JsonPropertyName("invite_payload")] InvitePayload InvitePayload,
    [property: JsonPropertyName("peer_pubkey")] PublicKey PeerPubkey,
    [property: JsonPropertyName("display_name")] DisplayName DisplayName,
    [property: JsonPropertyName("joined_at")] long? JoinedAt = null,
    byte[]? Possession = null) : ILimited
{
    string? ILimited.FindFault() =>
        Limit.TooLong("invite_token", InviteToken, WireLimits.TokenCharsMax)
        ?? Limit.NotBytes("possession", Possession, WireLimits.SignatureBytes)
        ?? (JoinedAt is null == Possession is null ? null : "joined_at and possession must come together");
}

/// <summary>What a v1 invite says. Texts as signed: the bytes under the signature are these texts joined by <c>|</c>, without the signature.</summary>
/// <param name="V">1.</param>
/// <param name="ExpiresAt">Seconds since 1970.</param>
/// <param name="MeshRootKey">32 bytes in base64url; a random filler in ours.</param>
/// <param name="Role"><c>admin</c> or <c>member</c>.</param>
/// <param name="Signature">128 hexadecimal digits by the workspace's owner.</param>
public sealed record InvitePayload(
    int V,
    [property: JsonPropertyName("mesh_id")] string MeshId,
    [property: JsonPropertyName("mesh_slug")] string MeshSlug,
    [property: JsonPropertyName("broker_url")] string BrokerUrl,
    [property: JsonPropertyName("expires_at")] long ExpiresAt,
    [property: JsonPropertyName("mesh_root_key")] string MeshRootKey,
    string Role,
    [property: JsonPropertyName("owner_pubkey")] string OwnerPubkey,
    string Signature);
