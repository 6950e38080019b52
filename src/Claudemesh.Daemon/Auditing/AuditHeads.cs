using Claudemesh.Daemon.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Auditing;

/// <summary>Where the audit chains ended that this daemon has computed: what comes later must go on from there.</summary>
internal sealed class AuditHeads(DaemonDatabase database)
{
    /// <summary>Null where none was seen yet.</summary>
    public AuditHead? Find(long workspaceNo) => database.Read(sql => sql.Find(
        "SELECT seq, hash FROM audit_seen WHERE workspace_no = $1", static row => new AuditHead(row.GetInt64(0), row.GetString(1)), workspaceNo));

    /// <summary>Never goes back: of two that have looked at once the further one counts.</summary>
    public Task KeepAsync(long workspaceNo, AuditHead head, CancellationToken cancellationToken) => database.WriteAsync(
        sql => sql.Execute(
            """
            INSERT INTO audit_seen (workspace_no, seq, hash) VALUES ($1, $2, $3)
            ON CONFLICT (workspace_no) DO UPDATE SET seq = excluded.seq, hash = excluded.hash WHERE excluded.seq > seq
            """,
            workspaceNo,
            head.Seq,
            head.Hash),
        cancellationToken);
}
