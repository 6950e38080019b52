using System.Globalization;
using System.Text.Json;
using Claudemesh.Protocol;

namespace Claudemesh.Crypto;

/// <summary>
/// The hash chain of what was done in a workspace, in the form of 1.x: SHA-256 over <c>previous|mesh id|event type|actor|payload|time</c>, in hexadecimal
/// digits. Only the payload may have a bar in it, so no two entries have one text.
/// </summary>
public static class AuditChain
{
    /// <summary>What stands before the first entry.</summary>
    public const string Genesis = "genesis";

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <param name="payload">Canonical: <see cref="CanonicalJson"/>.</param>
    public static string Hash(string previous, string meshId, string eventType, string? actor, string payload, DateTimeOffset createdAt) =>
        Sha256.Hash(string.Join(
            '|', previous, meshId, eventType, actor ?? "null", payload, createdAt.ToUniversalTime().ToString(TimeFormat, CultureInfo.InvariantCulture))).ToString();

    public static string Hash(string previous, string meshId, AuditEntry entry) =>
        Hash(previous, meshId, entry.EventType, entry.Actor, CanonicalJson.Write(entry.Payload), entry.CreatedAt);

    /// <summary>False too where the payload is too deep to be one of ours.</summary>
    public static bool IsHashOf(AuditEntry entry, string previous, string meshId)
    {
        try
        {
            return string.Equals(entry.Hash, Hash(previous, meshId, entry), StringComparison.Ordinal);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>
    /// Walks entries that follow each other.
    /// </summary>
    /// <param name="from">The entry before the first of them; <see cref="Start"/> where they begin with the first of all.</param>
    /// <returns>The last that is sound, and the id of the first that is not, or null.</returns>
    public static (AuditHead Last, long? BrokenAt) Walk(string meshId, AuditHead from, IEnumerable<AuditEntry> entries)
    {
        AuditHead last = from;
        foreach (AuditEntry entry in entries)
        {
            if (entry.Id != last.Seq + 1 || !IsHashOf(entry, last.Hash, meshId))
                return (last, last.Seq + 1);

            last = new AuditHead(entry.Id, entry.Hash);
        }

        return (last, null);
    }

    /// <summary>The end of a chain without entries.</summary>
    public static AuditHead Start { get; } = new(0, Genesis);
}
