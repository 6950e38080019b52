using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

internal sealed record NewMember(MeshNo Mesh, MemberId Id, PublicKey Key, string DisplayName, MemberRole Role, MemberKind Kind);

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
        return Find(scope.Sql, member.Mesh, member.Key)!;
    }

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
