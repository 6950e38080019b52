using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Sessions;

/// <summary>A session key that its member has vouched for, and its mailbox.</summary>
internal sealed record SessionRow(MemberNo Member, MailboxNo Mailbox);

/// <summary>Every session key ever attested. What is sent to one waits, whether the session runs or not.</summary>
internal sealed class SessionStore(Database database)
{
    private const string Selected =
        """
        SELECT s.member_no, b.no FROM session s
        JOIN mailbox b ON b.key = @mailboxKey
        WHERE s.mesh_no = @mesh AND s.pubkey = @key
        """;

    public ValueTask<SessionRow?> FindAsync(MeshNo mesh, PublicKey key, CancellationToken cancellationToken) =>
        database.ReadAsync((Sql sql) => Find(sql, mesh, key), cancellationToken);

    /// <summary>Notes that the session runs, for the first time or again; a key that another member has stays that member's.</summary>
    public Task<SessionRow> OpenAsync(
        MeshNo mesh, MemberNo member, PublicKey key, string sessionId, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            scope.Sql.Execute(
                """
                INSERT INTO session (mesh_no, member_no, pubkey, session_id, first_seen_at, last_seen_at)
                VALUES (@mesh, @member, @key, @session, @now, @now)
                ON CONFLICT (mesh_no, pubkey) DO UPDATE SET session_id = @session, last_seen_at = @now, closed_at = NULL
                WHERE session.member_no = @member
                """,
                ("@mesh", mesh.Value), ("@member", member.Value), ("@key", key.ToString()), ("@session", sessionId),
                ("@now", scope.Now.Micros));
            MailboxStore.GetOrAdd(scope, mesh, MailboxKind.Session, member, key.ToString());
            return Find(scope.Sql, mesh, key)!;
        },
        cancellationToken);

    public Task CloseAsync(MeshNo mesh, PublicKey key, CancellationToken cancellationToken) => database.WriteAsync(
        scope => scope.Sql.Execute(
            "UPDATE session SET closed_at = @now WHERE mesh_no = @mesh AND pubkey = @key",
            ("@now", scope.Now.Micros), ("@mesh", mesh.Value), ("@key", key.ToString())),
        cancellationToken);

    /// <summary>
    /// Part of the append that changes the member's key: nobody vouches for its sessions any more, so what waits for them goes to the member at once, who keeps
    /// their keys. One that is opened again, as after a change that was taken back, has its mailbox again. Those that were seen last; older ones have nothing
    /// that waits.
    /// </summary>
    public static void Retire(WriteScope write, MeshNo mesh, MemberNo member) => write.Sql.Execute(
        """
        UPDATE session SET closed_at = 0 WHERE mesh_no = @mesh AND pubkey IN (
          SELECT s.pubkey FROM session s WHERE s.mesh_no = @mesh AND s.member_no = @member AND s.closed_at IS NULL ORDER BY s.last_seen_at DESC LIMIT 500)
        """,
        ("@mesh", mesh.Value), ("@member", member.Value));

    private static SessionRow? Find(Sql sql, MeshNo mesh, PublicKey key) => sql.Find(
        Selected,
        (SqlRow row) => new SessionRow(new MemberNo(row.GetInt64(0)), new MailboxNo(row.GetInt64(1))),
        ("@mailboxKey", MailboxStore.UniqueKey(mesh, MailboxKind.Session, key.ToString())), ("@mesh", mesh.Value), ("@key", key.ToString()));
}
