using System.Text.Json;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Audit;

/// <param name="Type">Null: of every type.</param>
/// <param name="After">Those after this one in their order; null: the newest first.</param>
/// <param name="Offset">How many of the newest are passed over.</param>
internal sealed record AuditFilter(MeshNo Mesh, string? Type, long? After, int Offset, int Limit);

/// <summary>
/// The chain of each workspace. It is added to by the transaction that does what is told, so neither is ever without the other; writes take turns,
/// so two never follow the same entry.
/// </summary>
internal sealed class AuditStore(Database database)
{
    private const int WalkedAtOnce = 1_000;
    private const string Columns = "seq, event_type, actor, payload, hash, created_at";

    /// <summary>Part of the write that does it.</summary>
    public static void Append(WriteScope scope, MeshNo mesh, AuditEvent what)
    {
        AuditHead head = FindHead(scope.Sql, mesh);
        long milliseconds = scope.Now.Micros / 1000;
        what.Facts["via"] = what.By.Via;
        if (what.By.Credential is { } credential)
            what.Facts["credential"] = credential;

        string payload = Canonical(what);
        string? actor = what.By.Member?.Value;
        string hash = AuditChain.Hash(head.Hash, IdOf(scope.Sql, mesh), what.Type, actor, payload, DateTimeOffset.FromUnixTimeMilliseconds(milliseconds));
        scope.Sql.Execute(
            """
            INSERT INTO audit_event (mesh_no, seq, event_type, actor, payload, created_at, hash)
            VALUES (@mesh, @seq, @type, @actor, @payload, @at, @hash)
            """,
            ("@mesh", mesh.Value), ("@seq", head.Seq + 1), ("@type", what.Type), ("@actor", actor), ("@payload", payload), ("@at", milliseconds), ("@hash", hash));
        scope.Sql.Execute(
            "INSERT INTO audit_head (mesh_no, seq, hash) VALUES (@mesh, @seq, @hash) ON CONFLICT (mesh_no) DO UPDATE SET seq = @seq, hash = @hash",
            ("@mesh", mesh.Value), ("@seq", head.Seq + 1), ("@hash", hash));
        scope.NoteAudited(mesh);
    }

    /// <summary>What happened without another write.</summary>
    public Task AppendAsync(MeshNo mesh, AuditEvent what, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            Append(scope, mesh, what);
            return true;
        },
        cancellationToken);

    public ValueTask<AuditHead> ReadHeadAsync(MeshNo mesh, CancellationToken cancellationToken) =>
        database.ReadAsync((Sql sql) => FindHead(sql, mesh), cancellationToken);

    /// <returns>The entries, how many there are in all, and where the chain ends.</returns>
    public ValueTask<(List<AuditEntry> Entries, long Total, AuditHead Head)> ReadAsync(AuditFilter filter, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) =>
        {
            AuditHead head = FindHead(sql, filter.Mesh);
            long total = filter.Type is null ? head.Seq : sql.FindNumber(
                "SELECT count(*) FROM audit_event WHERE mesh_no = @mesh AND event_type = @type", ("@mesh", filter.Mesh.Value), ("@type", filter.Type)) ?? 0;
            return (List(sql, filter), total, head);
        },
        cancellationToken);

    /// <summary>Computes every hash again and compares the end with the one that was noted beside the chain.</summary>
    public async ValueTask<AuditVerifyResult> VerifyAsync(MeshNo mesh, string meshId, CancellationToken cancellationToken)
    {
        // Read first: what is added meanwhile is above it.
        AuditHead noted = await ReadHeadAsync(mesh, cancellationToken);
        AuditHead sound = AuditChain.Start;
        bool isNotedSeen = noted.Seq == 0;
        List<AuditEntry> page;
        do
        {
            AuditFilter next = new(mesh, Type: null, sound.Seq, Offset: 0, WalkedAtOnce);
            page = await database.ReadAsync((Sql sql) => List(sql, next), cancellationToken);
            (sound, long? brokenAt) = AuditChain.Walk(meshId, sound, page);
            isNotedSeen |= page.Exists(entry => entry.Id == noted.Seq && string.Equals(entry.Hash, noted.Hash, StringComparison.Ordinal));
            if (brokenAt is not null)
                return new AuditVerifyResult(Valid: false, sound.Seq, brokenAt, noted);
        }
        while (page.Count == WalkedAtOnce);

        return isNotedSeen
            ? new AuditVerifyResult(Valid: true, sound.Seq, BrokenAt: null, sound)
            : new AuditVerifyResult(Valid: false, sound.Seq, Math.Min(sound.Seq + 1, noted.Seq), noted);
    }

    private static List<AuditEntry> List(Sql sql, AuditFilter filter) => filter.After is { } after
        ? sql.List(
            $"SELECT {Columns} FROM audit_event WHERE mesh_no = @mesh AND seq > @after AND (@type = '' OR event_type = @type) ORDER BY seq LIMIT @limit",
            Read,
            ("@mesh", filter.Mesh.Value), ("@after", after), ("@type", filter.Type ?? ""), ("@limit", (long)filter.Limit))
        : sql.List(
            $"SELECT {Columns} FROM audit_event WHERE mesh_no = @mesh AND (@type = '' OR event_type = @type) ORDER BY seq DESC LIMIT @limit OFFSET @offset",
            Read,
            ("@mesh", filter.Mesh.Value), ("@type", filter.Type ?? ""), ("@limit", (long)filter.Limit), ("@offset", (long)filter.Offset));

    private static AuditHead FindHead(Sql sql, MeshNo mesh) => sql.Find(
        "SELECT seq, hash FROM audit_head WHERE mesh_no = @mesh", static row => new AuditHead(row.GetInt64(0), row.GetString(1)), ("@mesh", mesh.Value)) ?? AuditChain.Start;

    private static string IdOf(Sql sql, MeshNo mesh) =>
        sql.Find("SELECT id FROM mesh WHERE no = @mesh", static row => row.GetString(0), ("@mesh", mesh.Value))!;

    private static string Canonical(AuditEvent what)
    {
        using JsonDocument document = JsonDocument.Parse(what.Facts.ToJsonString());
        return CanonicalJson.Write(document.RootElement);
    }

    private static AuditEntry Read(SqlRow row)
    {
        using JsonDocument payload = JsonDocument.Parse(row.GetString(3));
        return new AuditEntry(
            row.GetInt64(0),
            row.GetString(1),
            payload.RootElement.Clone(),
            row.GetString(4),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
            row.TextOrNull(2));
    }
}
