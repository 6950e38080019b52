using System.Text.Json.Serialization;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Protocol;

/// <summary>The body of <c>POST /api/v1/workspaces</c>; answered 201 with <see cref="WorkspaceCreated"/>.</summary>
/// <param name="MeshId">32 letters and digits, made by the creator so that his signature can name it.</param>
/// <param name="Slug">The wished short name; a taken one gets a number behind it.</param>
/// <param name="DisplayName">The owner's own name in it.</param>
/// <param name="CreatedAt">Ms since 1970.</param>
/// <param name="Proof">64 bytes by the owner key over T("claudemesh/workspace-create/1", mesh_id, slug, name, owner_pub, created_at).</param>
/// <param name="Records">The beginning of its log: genesis and the first epoch, by the owner. Without them it has no log until its owner begins one.</param>
/// <param name="Copies">Of the first epoch.</param>
public sealed record CreateWorkspace(
    [property: JsonPropertyName("mesh_id")] MeshId MeshId,
    Slug Slug,
    DisplayName Name,
    [property: JsonPropertyName("owner_pubkey")] PublicKey OwnerPubkey,
    [property: JsonPropertyName("display_name")] DisplayName DisplayName,
    [property: JsonPropertyName("created_at")] long CreatedAt,
    byte[] Proof,
    SignedRecord[]? Records = null,
    EpochCopy[]? Copies = null) : ILimited
{
    public const int RecordsMax = 2;

    string? ILimited.FindFault() =>
        (WireId.IsMadeByUs(MeshId.Value) ? null : "mesh_id must be 32 letters and digits")
        ?? Limit.NotBytes("proof", Proof, WireLimits.SignatureBytes)
        ?? (Records is null ? null : LogLimits.NotRecords("records", Records, RecordsMax))
        ?? LogLimits.NotCopies("copies", Copies);
}
