using Claudemesh.Protocol.Log;

namespace Claudemesh.Protocol;

/// <summary>
/// The answer of <c>GET /api/v1/invites/{id}</c>, which needs no account: what a joiner believes only after the package, opened with the link's
/// secret, says the same (keys.md 8). The log is read with <c>GET /api/v1/invites/{id}/log?after=SEQ</c>, answered by <see cref="LogPage"/>.
/// </summary>
/// <param name="Package">Null where the invite's maker gave none (1.x); then its joiner waits to be admitted.</param>
/// <param name="Copy">The current root sealed to the invite's key; null before the first epoch.</param>
/// <param name="ExpiresAt">Milliseconds since 1970.</param>
public sealed record InviteInfo(
    InviteId InviteId,
    MeshId MeshId,
    Slug Slug,
    string Name,
    byte[]? Package,
    EpochCopy? Copy,
    MemberRole Role,
    long ExpiresAt);

/// <summary>
/// The body of <c>POST /api/v1/join</c>. With <paramref name="Records"/> (one <c>join</c> record, and nothing else) its author is a member from then on
/// and is answered <see cref="JoinedByLog"/>; without, by code alone, he waits until an admin's device admits him. 409 <c>log_moved</c>: read on, sign anew.
/// </summary>
/// <param name="Pubkey">The joiner's member key; the author of the record.</param>
/// <param name="JoinedAt">Milliseconds since 1970, within ten minutes of the broker's clock.</param>
/// <param name="Possession">64 bytes by the joining key over T("claudemesh/join-possession/1", mesh_id, SHA-256(invite_id), pubkey, joined_at).</param>
/// <param name="Copies">The current root, sealed by the joiner to his own key.</param>
public sealed record JoinByLog(
    InviteId InviteId,
    PublicKey Pubkey,
    DisplayName DisplayName,
    long JoinedAt,
    byte[] Possession,
    SignedRecord[]? Records = null,
    EpochCopy[]? Copies = null) : ILimited
{
    string? ILimited.FindFault() =>
        Limit.NotBytes("possession", Possession, WireLimits.SignatureBytes)
        ?? (Records is null ? null : LogLimits.NotRecords("records", Records, 1))
        ?? LogLimits.NotCopies("copies", Copies);
}

/// <param name="Waiting">True where he is no member yet: an admin's device has to admit him.</param>
public sealed record JoinedByLog(MemberId MemberId, MeshId MeshId, Slug Slug, string Name, MemberRole Role, bool Waiting);
