using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Invites;

/// <summary>
/// Takes out what was kept for invites that are over: packages, and the root keys that were sealed to their keys. In slices of at most 1,000
/// rows, each a transaction.
/// </summary>
internal sealed class InviteSweep(Database database, TimeProvider clock)
{
    public const int SliceRows = 1_000;
    public static readonly TimeSpan WaitingMax = TimeSpan.FromDays(30);

    private const int InvitesAtOnce = 100;

    /// <summary>Every workspace's, those that have expired too; and who has waited for too long.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await ClearAsync(mesh: null, cancellationToken);
        Instant before = clock.GetInstant() + -WaitingMax;
        while (await database.ReadAsync((Sql sql) => HasWaitedSince(sql, before), cancellationToken)
            && await database.WriteAsync(write => ForgetWaiting(write, before), cancellationToken))
        {
        }
    }

    /// <param name="mesh">Null: of all workspaces.</param>
    public async Task ClearAsync(MeshNo? mesh, CancellationToken cancellationToken)
    {
        List<Over> page;
        do
        {
            Instant now = clock.GetInstant();
            page = await database.ReadAsync((Sql sql) => ListOver(sql, mesh, now), cancellationToken);
            foreach (Over over in page)
            {
                while (!await database.WriteAsync(write => Clear(write, over), cancellationToken))
                {
                }
            }
        }
        while (page.Count == InvitesAtOnce);
    }

    private static List<Over> ListOver(Sql sql, MeshNo? mesh, Instant now) => sql.List(
        """
        SELECT id, mesh_no, pubkey FROM log_invite
        WHERE cleared_at IS NULL AND (ended_at IS NOT NULL OR expires_at <= @now) AND (@mesh = 0 OR mesh_no = @mesh) LIMIT @limit
        """,
        static row => new Over(row.GetString(0), new MeshNo(row.GetInt64(1)), row.GetString(2)),
        ("@now", now.Micros), ("@mesh", mesh?.Value ?? 0), ("@limit", (long)InvitesAtOnce));

    /// <returns>False when there is more.</returns>
    private static bool Clear(WriteScope write, Over over)
    {
        int deleted = write.Sql.Execute(
            """
            DELETE FROM sealed_copy WHERE mesh_no = @mesh AND scope = @scope AND recipient = @key AND epoch IN (
              SELECT epoch FROM sealed_copy WHERE mesh_no = @mesh AND scope = @scope AND recipient = @key ORDER BY epoch LIMIT @limit)
            """,
            ("@mesh", over.Mesh.Value), ("@scope", RootReference.MeshScope), ("@key", over.Key), ("@limit", (long)SliceRows - 1));
        if (deleted == SliceRows - 1)
            return false;

        write.Sql.Execute(
            "UPDATE log_invite SET package = NULL, ended_at = COALESCE(ended_at, @now), cleared_at = @now WHERE id = @id",
            ("@now", write.Now.Micros), ("@id", over.Id));
        return true;
    }

    private static bool HasWaitedSince(Sql sql, Instant before) =>
        sql.FindNumber("SELECT since FROM waiting_member WHERE since <= @before LIMIT 1", ("@before", before.Micros)) is not null;

    /// <returns>Whether there may be more.</returns>
    private static bool ForgetWaiting(WriteScope write, Instant before) => write.Sql.Execute(
        "DELETE FROM waiting_member WHERE member_id IN (SELECT member_id FROM waiting_member WHERE since <= @before LIMIT @limit)",
        ("@before", before.Micros), ("@limit", (long)SliceRows)) == SliceRows;

    private sealed record Over(string Id, MeshNo Mesh, string Key);
}
