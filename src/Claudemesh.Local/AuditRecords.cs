using System.Text.Json;

namespace Claudemesh.Local;

/// <summary>Something that was done in a workspace.</summary>
/// <param name="Id">From 1, without a gap.</param>
/// <param name="Actor">The name of the member who did it, as it is known here; null: the broker itself did.</param>
/// <param name="ActorId">The member's id.</param>
/// <param name="Via">By which door: <c>socket</c>, <c>api_key</c>, <c>session</c>, <c>personal_token</c>, <c>invite</c> and others.</param>
/// <param name="Payload">What exactly, as it was hashed.</param>
/// <param name="Hash">Over this entry and the hash of the one before.</param>
public sealed record AuditEntry(
    string Workspace, long Id, string EventType, string? Actor, string? ActorId, string? Via, JsonElement Payload, string Hash, DateTimeOffset CreatedAt);

/// <param name="Entries">In the order in which it was done.</param>
/// <param name="Seq">The id of the last entry that there is; 0: none.</param>
public sealed record AuditListing(string Workspace, IReadOnlyList<AuditEntry> Entries, long Seq);

/// <summary>What this daemon has computed of a workspace's audit chain itself.</summary>
/// <param name="Sound">False: an entry was changed, dropped or cut off, now or since this daemon looked last.</param>
/// <param name="Entries">How many are sound, from the first on.</param>
/// <param name="Head">The hash of the last entry that is sound.</param>
/// <param name="BrokenAt">The id of the first that is not; null: all are.</param>
/// <param name="SeenSeq">The last entry that this daemon had seen before; 0: it looks for the first time.</param>
/// <param name="Fault">What is wrong, in a sentence.</param>
public sealed record AuditCheck(string Workspace, bool Sound, long Entries, string Head, long? BrokenAt, long SeenSeq, string? Fault);
