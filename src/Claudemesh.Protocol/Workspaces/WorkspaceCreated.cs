using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <param name="Slug">The short name that it got.</param>
public sealed record WorkspaceCreated(
    [property: JsonPropertyName("mesh_id")] MeshId MeshId,
    Slug Slug,
    DisplayName Name,
    [property: JsonPropertyName("member_id")] MemberId MemberId);
