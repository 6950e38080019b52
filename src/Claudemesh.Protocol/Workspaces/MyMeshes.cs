using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>The answer of <c>GET /api/my/meshes</c>.</summary>
/// <param name="Meshes">The workspaces in which a member is the account's, in the order of joining.</param>
public sealed record MyMeshes(MyMesh[] Meshes);

/// <param name="MemberPub">The member's key.</param>
/// <param name="ArchivedAt">Since when it can only be read; absent: it is not.</param>
/// <param name="MemberCount">Who was removed or left is not counted.</param>
public sealed record MyMesh(
    MeshId Id,
    Slug Slug,
    string Name,
    MemberRole Role,
    MemberId MemberId,
    PublicKey MemberPub,
    string DisplayName,
    int MemberCount,
    DateTimeOffset? ArchivedAt = null);

/// <summary>The body of <c>PUT /api/my/meshes/{id}</c>: the account that is signed in says that a member is its own.</summary>
/// <param name="At">Ms since 1970, within ten minutes of the broker's clock.</param>
/// <param name="Proof">64 bytes by the member's key over T("claudemesh/member-claim/1", mesh_id, user_id, member_pub, at).</param>
public sealed record MemberClaim(PublicKey MemberPub, long At, byte[] Proof) : ILimited
{
    string? ILimited.FindFault() => Limit.NotBytes("proof", Proof, WireLimits.SignatureBytes);
}
