using System.Text.Json.Nodes;
using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Invites;

/// <summary>Who came by an invite without its secret and is no member yet.</summary>
internal sealed class WaitingStore(Database database)
{
    /// <summary>Of one workspace: whoever has a link's code can come with as many keys as he likes.</summary>
    public const int WaitingMax = 100;

    private const string Columns = "member_id, pubkey, display_name, invite_id, role, kind, since";

    /// <summary>Oldest first.</summary>
    public ValueTask<List<WaitingMember>> ListAsync(MeshNo mesh, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List($"SELECT {Columns} FROM waiting_member WHERE mesh_no = @mesh ORDER BY since, pubkey", Read, ("@mesh", mesh.Value)),
        cancellationToken);

    public ValueTask<WaitingMember?> FindAsync(MeshNo mesh, PublicKey key, CancellationToken cancellationToken) =>
        database.ReadAsync((Sql sql) => Find(sql, mesh, key), cancellationToken);

    /// <summary>Part of another write. Who waits already goes on under the id he has.</summary>
    public static (WaitingMember? Waiting, MeshError? Refusal) Add(WriteScope write, MeshNo mesh, WaitingMember newcomer)
    {
        if (Find(write.Sql, mesh, newcomer.Pubkey) is { } known)
            return (known, null);
        if (write.Sql.FindNumber("SELECT count(*) FROM waiting_member WHERE mesh_no = @mesh", ("@mesh", mesh.Value)) >= WaitingMax)
            return (null, MeshError.WaitingFull);

        write.Sql.Execute(
            """
            INSERT INTO waiting_member (mesh_no, pubkey, member_id, display_name, invite_id, role, kind, since)
            VALUES (@mesh, @pubkey, @id, @name, @invite, @role, @kind, @now)
            """,
            ("@mesh", mesh.Value), ("@pubkey", newcomer.Pubkey.ToString()), ("@id", newcomer.MemberId.Value),
            ("@name", newcomer.DisplayName.Value), ("@invite", newcomer.InviteId.Value), ("@role", (long)newcomer.Role),
            ("@kind", (long)newcomer.Kind), ("@now", write.Now.Micros));
        AuditStore.Append(write, mesh, new AuditEvent(AuditTypes.MemberWaiting, AuditActor.Joiner(newcomer.MemberId), new JsonObject
        {
            ["member"] = newcomer.MemberId.Value,
            ["pubkey"] = newcomer.Pubkey.ToString(),
            ["invite"] = newcomer.InviteId.Value,
            ["role"] = newcomer.Role.ToString().ToLowerInvariant(),
        }));
        return (Find(write.Sql, mesh, newcomer.Pubkey), null);
    }

    /// <summary>Part of the append that makes the key a member's: it waits no more.</summary>
    public static WaitingMember? Take(WriteScope write, MeshNo mesh, PublicKey key)
    {
        WaitingMember? waiting = Find(write.Sql, mesh, key);
        if (waiting is not null)
        {
            write.Sql.Execute(
                "DELETE FROM waiting_member WHERE mesh_no = @mesh AND pubkey = @key", ("@mesh", mesh.Value), ("@key", key.ToString()));
        }

        return waiting;
    }

    /// <summary>Part of the append that revokes the invite: who came by it is not waited for any more.</summary>
    public static void Dismiss(WriteScope write, MeshNo mesh, string inviteId) => write.Sql.Execute(
        "DELETE FROM waiting_member WHERE mesh_no = @mesh AND invite_id = @invite", ("@mesh", mesh.Value), ("@invite", inviteId));

    public static bool IsTaken(Sql sql, MemberId id) =>
        sql.FindNumber("SELECT mesh_no FROM waiting_member WHERE member_id = @id", ("@id", id.Value)) is not null;

    public static WaitingMember? Find(Sql sql, MeshNo mesh, PublicKey key) => sql.Find(
        $"SELECT {Columns} FROM waiting_member WHERE mesh_no = @mesh AND pubkey = @key", Read, ("@mesh", mesh.Value), ("@key", key.ToString()));

    private static WaitingMember Read(SqlRow row) => new(
        MemberId.Parse(row.GetString(0)),
        PublicKey.Parse(row.GetString(1)),
        DisplayName.Parse(row.GetString(2)),
        InviteId.Parse(row.GetString(3)),
        (MemberRole)row.GetInt64(4),
        (MemberKind)row.GetInt64(5),
        new Instant(row.GetInt64(6)).ToTime());
}
