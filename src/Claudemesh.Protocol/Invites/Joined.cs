using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <param name="Ok">Always true.</param>
/// <param name="AlreadyMember">True when the key was a member before.</param>
/// <param name="MeshSlug">Ours; absent from brokers of 1.x, as the next two.</param>
public sealed record Joined(
    bool Ok,
    MemberId MemberId,
    bool? AlreadyMember = null,
    [property: JsonPropertyName("mesh_slug")] Slug? MeshSlug = null,
    [property: JsonPropertyName("mesh_name")] string? MeshName = null,
    MemberRole? Role = null);
