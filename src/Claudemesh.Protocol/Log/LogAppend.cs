using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol;

/// <summary>
/// Appends records to the log of a scope, all or none, with the root's sealed copies in the same transaction; answered by
/// <see cref="LogAppended"/>, or refused with <c>log_moved</c> when somebody was quicker: read on, draft anew. (keys.md 4, 5)
/// </summary>
/// <param name="Scope"><c>mesh</c> or <c>topic/&lt;topic_id&gt;</c>.</param>
/// <param name="Records">1 to 1,000, in their order; the first follows the head.</param>
/// <param name="Copies">At most 1,000: of epochs that the log has after the records, to recipients that it names.</param>
/// <param name="Packages">For each <c>invite</c> among the records what only the holder of its secret can read.</param>
public sealed record LogAppend(
    string Scope,
    SignedRecord[] Records,
    EpochCopy[]? Copies = null,
    InvitePackage[]? Packages = null) : IRequest<LogAppended>, ILimited
{
    public const int RecordsMax = 1000;

    public static string WireType => "log_append";

    string? ILimited.FindFault() =>
        LogLimits.NotScope("scope", Scope)
        ?? LogLimits.NotRecords("records", Records, RecordsMax)
        ?? LogLimits.NotCopies("copies", Copies)
        ?? LogLimits.NotPackages("packages", Packages);
}

/// <summary>The log's head after the records.</summary>
public sealed record LogAppended(string Scope, long Seq, Digest Hash) : IMessage
{
    public static string WireType => "log_appended";
}

/// <summary>A root key sealed for one recipient.</summary>
/// <param name="Recipient">A member's key, or an open invite's.</param>
/// <param name="Copy">80 bytes: <c>crypto_box_seal</c> of the root key.</param>
public sealed record EpochCopy(long Epoch, PublicKey Recipient, byte[] Copy);

/// <summary>What an invite carries for its joiner; only who has the link's secret can open it (keys.md 8).</summary>
public sealed record InvitePackage(InviteId InviteId, byte[] Package);
