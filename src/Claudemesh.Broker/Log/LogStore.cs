using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Log;

/// <summary>The records of the logs, as they came and in their order. They are only ever added to.</summary>
internal sealed class LogStore(Database database)
{
    private const int LoadedAtOnce = 1_000;

    /// <summary>At most <paramref name="limit"/> records after a place, in their order.</summary>
    public ValueTask<List<SignedRecord>> ReadAsync(MeshNo mesh, string scope, long after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            (Sql sql) => sql.List(
                "SELECT record, signature FROM log_record WHERE mesh_no = @mesh AND scope = @scope AND seq > @after ORDER BY seq LIMIT @limit",
                static row => new SignedRecord(row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1)),
                ("@mesh", mesh.Value), ("@scope", scope), ("@after", after), ("@limit", (long)limit)),
            cancellationToken);

    /// <summary>
    /// What the log says at its end. Signatures were checked when the records were appended, and who can change the database can change
    /// this program's answers too: docs/adr/0011.
    /// </summary>
    /// <param name="mesh">The workspace's own log where this is a topic's.</param>
    /// <exception cref="InvalidDataException">The rows are not a log.</exception>
    public async ValueTask<Membership> LoadAsync(MeshNo no, string meshId, string scope, Membership? mesh, CancellationToken cancellationToken)
    {
        Membership log = Membership.Empty(meshId, scope);
        List<SignedRecord> page;
        do
        {
            page = await ReadAsync(no, scope, log.Head.Seq, LoadedAtOnce, cancellationToken);
            foreach (SignedRecord kept in page)
            {
                LogVerdict verdict = log.Apply(LogRecord.ReadKept(kept), mesh);
                log = verdict.Next
                    ?? throw new InvalidDataException($"The log {scope} of workspace {meshId} is broken after its record {log.Head.Seq}: {verdict.Refusal}.");
            }
        }
        while (page.Count == LoadedAtOnce);

        return log;
    }

    /// <summary>Part of the append's transaction. False when the log does not end where the first record says: then nothing was written.</summary>
    public static bool TryAppend(WriteScope scope, MeshNo mesh, string name, IReadOnlyList<LogRecord> records)
    {
        long last = scope.Sql.FindNumber(
            "SELECT max(seq) FROM log_record WHERE mesh_no = @mesh AND scope = @scope", ("@mesh", mesh.Value), ("@scope", name)) ?? 0;
        if (last != records[0].Seq - 1 || (last > 0 && HashAt(scope.Sql, mesh, name, last) != records[0].Text.Previous))
            return false;

        foreach (LogRecord record in records)
        {
            scope.Sql.Execute(
                "INSERT INTO log_record (mesh_no, scope, seq, record, signature, hash) VALUES (@mesh, @scope, @seq, @record, @signature, @hash)",
                ("@mesh", mesh.Value), ("@scope", name), ("@seq", record.Seq), ("@record", record.Signed.Record),
                ("@signature", record.Signed.Signature), ("@hash", record.Hash.Span.ToArray()));
        }

        return true;
    }

    /// <summary>Zeros where there is no such record.</summary>
    public static Digest HashAt(Sql sql, MeshNo mesh, string scope, long seq) =>
        sql.Find(
            "SELECT hash FROM log_record WHERE mesh_no = @mesh AND scope = @scope AND seq = @seq",
            static row => row.GetFieldValue<byte[]>(0),
            ("@mesh", mesh.Value), ("@scope", scope), ("@seq", seq)) is { } hash ? new Digest(hash) : default;
}
