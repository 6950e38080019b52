using Claudemesh.Daemon.Storage;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;
using Microsoft.Data.Sqlite;

namespace Claudemesh.Daemon.Keys;

/// <summary>One scope as it was written down.</summary>
/// <param name="Pin">Known before the log, from an invite; null where the first record was believed.</param>
/// <param name="Fork">What the broker showed instead, once it did.</param>
/// <param name="Copies">Of the scope's roots, sealed to this member's key.</param>
internal sealed record StoredScope(
    Digest? Pin, IReadOnlyList<SignedRecord> Records, SignedRecord? Fork, IReadOnlyList<(long Epoch, byte[] Copy)> Copies);

/// <summary>What is known of a workspace's log when it is added: it is there before the workspace is opened.</summary>
/// <param name="Copy">Of the newest root, sealed to this member's key; null when there is none yet.</param>
internal sealed record LogStart(Digest Pin, EpochCopy? Copy, IReadOnlyList<SignedRecord> Records)
{
    /// <summary>Part of the write that adds the workspace: the pin and the root, which no broker could be asked for. Records are read again where they are lost.</summary>
    public void Write(Sql sql, long workspaceNo)
    {
        sql.Execute(
            "INSERT INTO log_scope (workspace_no, scope, pin) VALUES ($1, $2, $3) ON CONFLICT (workspace_no, scope) DO UPDATE SET pin = excluded.pin",
            workspaceNo,
            RootReference.MeshScope,
            Pin.Span.ToArray());
        if (Copy is { } copy)
        {
            sql.Execute(
                "INSERT INTO root_copy (workspace_no, scope, epoch, copy) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                workspaceNo,
                RootReference.MeshScope,
                copy.Epoch,
                copy.Copy);
        }
    }
}

/// <summary>The logs and roots of each workspace on disk: records as they travel, roots as sealed copies. What is there is never changed, only added to.</summary>
internal sealed class KeyStore(DaemonDatabase database)
{
    private const int SliceMax = 1000;

    public List<string> ListScopes(long workspaceNo) => database.Read(sql => sql.Query(
        "SELECT scope FROM log_scope WHERE workspace_no = $1 ORDER BY scope", row => row.GetString(0), workspaceNo));

    public StoredScope Load(long workspaceNo, string scope) => database.Read(sql => new StoredScope(
        sql.Query("SELECT pin FROM log_scope WHERE workspace_no = $1 AND scope = $2 AND pin IS NOT NULL", row => (Digest?)new Digest((byte[])row[0]), workspaceNo, scope)
            .FirstOrDefault(),
        sql.Query("SELECT record, signature FROM log_record WHERE workspace_no = $1 AND scope = $2 ORDER BY seq", ReadRecord, workspaceNo, scope),
        sql.Find("SELECT fork_record, fork_signature FROM log_scope WHERE workspace_no = $1 AND scope = $2 AND fork_record IS NOT NULL", ReadRecord, workspaceNo, scope),
        sql.Query(
            "SELECT epoch, copy FROM root_copy WHERE workspace_no = $1 AND scope = $2 ORDER BY epoch DESC",
            row => (row.GetInt64(0), (byte[])row[1]),
            workspaceNo,
            scope)));

    /// <summary>Adds records behind those that are there.</summary>
    /// <param name="firstSeq">Of the first of them.</param>
    public async Task AddRecordsAsync(long workspaceNo, string scope, long firstSeq, IReadOnlyList<SignedRecord> records, CancellationToken cancellationToken)
    {
        for (int from = 0; from < records.Count; from += SliceMax)
        {
            int start = from;
            await database.WriteAsync(
                sql =>
                {
                    Keep(sql, workspaceNo, scope);
                    for (int i = start; i < Math.Min(records.Count, start + SliceMax); i++)
                    {
                        sql.Execute(
                            "INSERT INTO log_record (workspace_no, scope, seq, record, signature) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                            workspaceNo,
                            scope,
                            firstSeq + i,
                            records[i].Record,
                            records[i].Signature);
                    }
                },
                cancellationToken);
        }
    }

    public Task AddCopyAsync(long workspaceNo, string scope, long epoch, byte[] copy, CancellationToken cancellationToken) => database.WriteAsync(
        sql =>
        {
            Keep(sql, workspaceNo, scope);
            sql.Execute(
                "INSERT INTO root_copy (workspace_no, scope, epoch, copy) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING", workspaceNo, scope, epoch, copy);
        },
        cancellationToken);

    /// <summary>Writes down that the broker showed another log. The first proof stays.</summary>
    public Task SetForkAsync(long workspaceNo, string scope, SignedRecord shown, CancellationToken cancellationToken) => database.WriteAsync(
        sql =>
        {
            Keep(sql, workspaceNo, scope);
            sql.Execute(
                "UPDATE log_scope SET fork_record = $3, fork_signature = $4 WHERE workspace_no = $1 AND scope = $2 AND fork_record IS NULL",
                workspaceNo,
                scope,
                shown.Record,
                shown.Signature);
        },
        cancellationToken);

    private static void Keep(Sql sql, long workspaceNo, string scope) =>
        sql.Execute("INSERT INTO log_scope (workspace_no, scope) VALUES ($1, $2) ON CONFLICT DO NOTHING", workspaceNo, scope);

    private static SignedRecord ReadRecord(SqliteDataReader row) => new((byte[])row[0], (byte[])row[1]);
}
