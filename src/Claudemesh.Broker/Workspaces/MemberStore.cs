using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Topics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

internal sealed record NewMember(MeshNo Mesh, MemberId Id, PublicKey Key, string DisplayName, MemberRole Role, MemberKind Kind);

internal sealed record SeenDevices(int Count, Instant LastAt);

/// <summary>Members and their mailboxes. A row is never deleted: who was removed is remembered as removed.</summary>
internal sealed class MemberStore(Database database)
{
    private const string Columns =
        """
        m.no, m.id, b.no, m.pubkey, m.display_name, m.role, m.kind, m.joined_at, m.removed_at, m.banned, m.default_groups
        FROM member m JOIN mailbox b ON b.mesh_no = m.mesh_no AND b.kind = 1 AND b.owner_no = m.no
        """;

    public ValueTask<List<MeshMember>> ListAsync(MeshNo mesh, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List($"SELECT {Columns} WHERE m.mesh_no = @mesh ORDER BY m.no", Read, ("@mesh", mesh.Value)),
        cancellationToken);

    /// <summary>Of each member that has a device: those that read its mailbox, until retention forgets them.</summary>
    public async ValueTask<Dictionary<MemberNo, SeenDevices>> ListDevicesAsync(MeshNo mesh, CancellationToken cancellationToken) =>
        (await database.ReadAsync(
            (Sql sql) => sql.List(
                """
                SELECT b.owner_no, count(*), max(r.seen_at) FROM mailbox b JOIN reader r ON r.mailbox_no = b.no
                WHERE b.mesh_no = @mesh AND b.kind = 1 GROUP BY b.owner_no
                """,
                static row => (Member: new MemberNo(row.GetInt64(0)), Seen: new SeenDevices((int)row.GetInt64(1), new Instant(row.GetInt64(2)))),
                ("@mesh", mesh.Value)),
            cancellationToken)).ToDictionary(static row => row.Member, static row => row.Seen);

    /// <summary>Writes what may change of a member: its name, kind and groups.</summary>
    public Task UpdateAsync(MeshMember member, CancellationToken cancellationToken) => database.WriteAsync(
        scope => scope.Sql.Execute(
            "UPDATE member SET display_name = @name, kind = @kind, default_groups = @groups WHERE no = @no",
            ("@name", member.DisplayName), ("@kind", (long)member.Kind), ("@groups", GroupsJson.Write(member.Groups)),
            ("@no", member.No.Value)),
        cancellationToken);

    /// <summary>Part of another write, such as the one that takes a use of the invite.</summary>
    public static MeshMember Add(WriteScope scope, NewMember member)
    {
        long no = scope.Sql.FindNumber(
            """
            INSERT INTO member (id, mesh_no, pubkey, display_name, role, kind, joined_at, banned, default_groups)
            VALUES (@id, @mesh, @pubkey, @name, @role, @kind, @now, 0, '[]') RETURNING no
            """,
            ("@id", member.Id.Value), ("@mesh", member.Mesh.Value), ("@pubkey", member.Key.ToString()),
            ("@name", member.DisplayName), ("@role", (long)member.Role), ("@kind", (long)member.Kind),
            ("@now", scope.Now.Micros))!.Value;
        MailboxStore.GetOrAdd(scope, member.Mesh, MailboxKind.Member, new MemberNo(no), member.Key.ToString());
        TopicRows.SeatInGeneral(scope, new MemberNo(no));
        return Find(scope.Sql, member.Mesh, member.Key)!;
    }

    /// <summary>Part of the append that lets the key in, or in again: what it was removed for is over.</summary>
    public static void Admit(WriteScope scope, MemberNo member, MemberRole role, MemberKind kind)
    {
        scope.Sql.Execute(
            "UPDATE member SET role = @role, kind = @kind, removed_at = NULL, banned = 0 WHERE no = @no",
            ("@role", (long)role), ("@kind", (long)kind), ("@no", member.Value));
        TopicRows.SeatInGeneral(scope, member);
    }

    /// <summary>Part of the append that gives the role.</summary>
    public static void SetRole(WriteScope scope, MemberNo member, MemberRole role) => scope.Sql.Execute(
        "UPDATE member SET role = @role WHERE no = @no", ("@role", (long)role), ("@no", member.Value));

    /// <summary>
    /// Part of the append that changes the key: row, mailbox and what others granted the member go on under the new one. Who can sign it
    /// is a client of ours.
    /// </summary>
    public static void SetKey(WriteScope scope, MeshNo mesh, MeshMember member, PublicKey key)
    {
        scope.Sql.Execute(
            "UPDATE member SET pubkey = @key, kind = CASE WHEN kind = @legacy THEN @person ELSE kind END WHERE no = @no",
            ("@key", key.ToString()), ("@legacy", (long)MemberKind.Legacy), ("@person", (long)MemberKind.Person), ("@no", member.No.Value));
        scope.Sql.Execute(
            "UPDATE mailbox SET key = @key WHERE no = @no",
            ("@key", MailboxStore.UniqueKey(mesh, MailboxKind.Member, key.ToString())), ("@no", member.Mailbox.Value));
        scope.Sql.Execute(
            "UPDATE member_grant SET sender_pubkey = @new WHERE mesh_no = @mesh AND sender_pubkey = @old",
            ("@new", key.ToString()), ("@mesh", mesh.Value), ("@old", member.Key.ToString()));
    }

    public static MeshMember? Find(Sql sql, MeshNo mesh, MemberNo no) => sql.Find(
        $"SELECT {Columns} WHERE m.mesh_no = @mesh AND m.no = @no", Read, ("@mesh", mesh.Value), ("@no", no.Value));

    /// <summary>Whether some member, here or in another workspace, has the id.</summary>
    public static bool IsTaken(Sql sql, MemberId id) =>
        sql.FindNumber("SELECT no FROM member WHERE id = @id", ("@id", id.Value)) is not null;

    public static MeshMember? Find(Sql sql, MeshNo mesh, PublicKey key) => sql.Find(
        $"SELECT {Columns} WHERE m.mesh_no = @mesh AND m.pubkey = @key", Read, ("@mesh", mesh.Value), ("@key", key.ToString()));

    private static MeshMember Read(SqlRow row) => new(
        new MemberNo(row.GetInt64(0)),
        MemberId.Parse(row.GetString(1)),
        new MailboxNo(row.GetInt64(2)),
        PublicKey.Parse(row.GetString(3)),
        row.GetString(4),
        (MemberRole)row.GetInt64(5),
        (MemberKind)row.GetInt64(6),
        new Instant(row.GetInt64(7)).ToTime(),
        row.Int64OrNull(8) is { } removedAt ? new Instant(removedAt).ToTime() : null,
        row.GetInt64(9) != 0,
        GroupsJson.Read(row.GetString(10)));
}
