using System.Text.Json;

namespace Claudemesh.Protocol;

/// <summary>
/// Asks what was done in the workspace; answered by <see cref="AuditResult"/>. Owners and admins only. With <paramref name="After"/> in the order in which
/// it was done, otherwise newest first.
/// </summary>
/// <param name="Limit">1 to 200 entries; usually 50.</param>
/// <param name="Offset">How many of the newest to pass over, at most 1,000,000; not with <paramref name="After"/>.</param>
/// <param name="EventType">Only of this type, at most 64 characters.</param>
/// <param name="After">The id of the last entry that the caller has; 0: none.</param>
public sealed record AuditQuery(int? Limit = null, int? Offset = null, string? EventType = null, long? After = null) : IRequest<AuditResult>, ILimited
{
    public const int LimitMax = 200;
    public const int LimitUsual = 50;
    public const int OffsetMax = 1_000_000;
    public const int EventTypeCharsMax = 64;

    public static string WireType => "audit_query";

    string? ILimited.FindFault() =>
        (Limit is < 1 or > LimitMax ? $"limit must be 1 to {LimitMax}" : null)
        ?? (Offset is < 0 or > OffsetMax ? $"offset must be 0 to {OffsetMax}" : null)
        ?? (After is < 0 ? "after must be 0 or more" : null)
        ?? (After is not null && Offset is not null ? "after and offset must not be given together" : null)
        ?? Protocol.Limit.TooLong("eventType", EventType, EventTypeCharsMax);
}

/// <param name="Total">How many entries there are, of the type that was asked for.</param>
/// <param name="Head">Where the chain ends.</param>
public sealed record AuditResult(AuditEntry[] Entries, long Total, AuditHead? Head = null) : IMessage, ILimited
{
    public static string WireType => "audit_result";

    string? ILimited.FindFault() => Protocol.Limit.HasNull("entries", Entries);
}

/// <summary>Something that was done. Its hash is SHA-256 of <c>previous|mesh id|eventType|actor|canonical payload|createdAt</c>, as 1.x made it.</summary>
/// <param name="Id">From 1, without a gap.</param>
/// <param name="Payload">What exactly; <c>via</c> in it says by which door, <c>credential</c> by which key or session.</param>
/// <param name="Hash">Over this entry and the hash of the one before, 64 hexadecimal digits.</param>
/// <param name="Actor">The id of the member who did it; absent: the broker itself did.</param>
public sealed record AuditEntry(long Id, string EventType, JsonElement Payload, string Hash, DateTimeOffset CreatedAt, string? Actor = null);

/// <summary>Where a chain ends.</summary>
/// <param name="Seq">The id of the last entry; 0: there is none.</param>
/// <param name="Hash">Of the last entry; <c>genesis</c> where there is none.</param>
public sealed record AuditHead(long Seq, string Hash);

/// <summary>
/// Asks the broker to compute every hash again; answered by <see cref="AuditVerifyResult"/>. Owners and admins only. Who does not trust the broker reads the
/// entries and computes them himself.
/// </summary>
public sealed record AuditVerify : IRequest<AuditVerifyResult>
{
    public static string WireType => "audit_verify";
}

/// <param name="Entries">How many entries were looked at.</param>
/// <param name="BrokenAt">The id of the first that is not what it was; absent where all are.</param>
/// <param name="Head">Where the chain ends.</param>
public sealed record AuditVerifyResult(bool Valid, long Entries, long? BrokenAt = null, AuditHead? Head = null) : IMessage
{
    public static string WireType => "audit_verify_result";
}

/// <summary>The answer of <c>GET /api/v1/audit</c>.</summary>
/// <param name="Entries">In the order in which it was done.</param>
/// <param name="Head">Where the chain ends.</param>
public sealed record AuditPage(AuditEntry[] Entries, AuditHead Head);
