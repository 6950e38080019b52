using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <param name="Ok">Always true.</param>
/// <param name="AlreadyMember">True when the key was a member before.</param>
/// <param name="MeshSlug">Ours; absent from brokers of 1.x, as the next three.</param>
/// <param name="Waiting">True where he is no member yet: an admin's device has to admit him.</param>
public sealed record Joined(
    bool Ok,
    MemberId MemberId,
    bool? AlreadyMember = null,
    [property: JsonPropertyName("mesh_slug")] Slug? MeshSlug = null,
    [property: JsonPropertyName("mesh_name")] string? MeshName = null,
    MemberRole? Role = null,
    bool? Waiting = null);
