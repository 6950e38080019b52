using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Broker.Invites;

/// <summary>What the log does not say of an invite: where it is looked for, and its package.</summary>
/// <param name="Package">Null where its maker gave none, and when it is over.</param>
internal sealed record LogInviteRow(MeshId Mesh, PublicKey Key, byte[]? Package);

/// <param name="CreatedBy">Number 0 where the maker is not known any more.</param>
internal sealed record LogInviteMade(string Id, MemberNo CreatedBy, Instant CreatedAt);

/// <summary>Invites that are records of a log, found by their id alone.</summary>
internal sealed class LogInviteStore(Database database)
{
    /// <summary>About 95 bits in letters and digits.</summary>
    public const int IdCharsMin = 16;

    /// <summary>Of one workspace, so that a removal can end all of them in one transaction.</summary>
    public const int OpenMax = 500;

    public ValueTask<LogInviteRow?> FindAsync(InviteId id, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.Find(
            "SELECT m.id, i.pubkey, i.package FROM log_invite i JOIN mesh m ON m.no = i.mesh_no WHERE i.id = @id",
            static row => new LogInviteRow(
                MeshId.Parse(row.GetString(0)),
                PublicKey.Parse(row.GetString(1)),
                row.IsDBNull(2) ? null : row.GetFieldValue<byte[]>(2)),
            ("@id", id.Value)),
        cancellationToken);

    /// <summary>Those of a workspace that have not ended, newest first; the log says which of them have expired.</summary>
    public ValueTask<List<LogInviteMade>> ListAsync(MeshNo mesh, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List(
            """
            SELECT id, created_by, created_at FROM log_invite
            WHERE mesh_no = @mesh AND cleared_at IS NULL AND ended_at IS NULL ORDER BY created_at DESC, id
            """,
            static row => new LogInviteMade(row.GetString(0), new MemberNo(row.GetInt64(1)), new Instant(row.GetInt64(2))),
            ("@mesh", mesh.Value)),
        cancellationToken);

    /// <summary>Part of the append that opens it.</summary>
    public static MeshError? Add(WriteScope write, MeshNo mesh, LogBody.Invite invite, byte[]? package, PublicKey author)
    {
        long open = write.Sql.FindNumber(
            "SELECT count(*) FROM log_invite WHERE mesh_no = @mesh AND cleared_at IS NULL AND ended_at IS NULL", ("@mesh", mesh.Value))!.Value;
        if (open >= OpenMax)
            return MeshError.TooManyInvites;

        int added = write.Sql.Execute(
            """
            INSERT INTO log_invite (id, mesh_no, pubkey, package, created_by, created_at, expires_at)
            VALUES (@id, @mesh, @pubkey, @package, COALESCE((SELECT no FROM member WHERE mesh_no = @mesh AND pubkey = @author), 0), @now, @expires)
            ON CONFLICT (id) DO NOTHING
            """,
            ("@id", invite.InviteId), ("@mesh", mesh.Value), ("@pubkey", invite.Key.ToString()), ("@package", package),
            ("@author", author.ToString()), ("@now", write.Now.Micros), ("@expires", invite.ExpiresAt * 1000));
        return added > 0 ? null : MeshError.InviteExists.With($"The invite_id is invalid: another invite has {invite.InviteId}. Make a new one.");
    }

    /// <summary>Part of the append that ends them. Their packages go at once, what was sealed to their keys with the next sweep.</summary>
    public static void End(WriteScope write, MeshNo mesh, IEnumerable<string> ids)
    {
        foreach (string id in ids)
        {
            write.Sql.Execute(
                "UPDATE log_invite SET ended_at = @now, package = NULL WHERE id = @id AND mesh_no = @mesh AND ended_at IS NULL",
                ("@now", write.Now.Micros), ("@id", id), ("@mesh", mesh.Value));
        }
    }
}
