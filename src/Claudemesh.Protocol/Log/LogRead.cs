using System.Text.Json.Serialization;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol;

/// <summary>Asks for the records after a place; answered by <see cref="LogPage"/>. A topic's log is given to its members only.</summary>
/// <param name="After">The seq of the last record that the caller holds; 0 for none.</param>
/// <param name="Count">1 to 1,000; absent: 1,000. A page ends earlier where it would be larger than a frame.</param>
public sealed record LogRead(string Scope, long After, [property: JsonPropertyName("limit")] int? Count = null) : IRequest<LogPage>, ILimited
{
    public static string WireType => "log_read";

    string? ILimited.FindFault() =>
        LogLimits.NotScope("scope", Scope)
        ?? (After >= 0 ? null : "after must be 0 or more")
        ?? (Count is null or (>= 1 and <= LogAppend.RecordsMax) ? null : $"limit must be 1 to {LogAppend.RecordsMax}");
}

/// <summary>Records in their order, and where the log ends now.</summary>
/// <param name="Seq">Of the head; 0 where the log is empty. Larger than the last record's where there is more to read.</param>
/// <param name="Hash">Of the head; zeros where the log is empty.</param>
public sealed record LogPage(string Scope, SignedRecord[] Records, long Seq, Digest Hash) : IMessage, ILimited
{
    public static string WireType => "log_page";

    string? ILimited.FindFault() => Limit.HasNull("records", Records);
}

/// <summary>The log of a scope that this connection may read has a new head: read on. Told to connections with the feature <c>log</c>.</summary>
public sealed record LogHeadMoved(string Scope, long Seq, Digest Hash) : IEvent
{
    public static string WireType => "log_head_moved";
}
