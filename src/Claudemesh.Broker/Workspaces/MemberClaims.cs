using System.Text.Json.Nodes;
using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

/// <summary>
/// Which member of a workspace is which account's. An account has one member in a workspace at most, and a member one account; who was removed as one
/// key does not come back as another, but an admin admits the one he had.
/// </summary>
internal sealed class MemberClaims(Database database)
{
    public ValueTask<List<MyMesh>> ListAsync(AccountNo account, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List(
            """
            SELECT h.id, h.slug, h.name, m.role, m.id, m.pubkey, m.display_name, h.archived_at, c.members
            FROM member m JOIN mesh h ON h.no = m.mesh_no
            JOIN (
              SELECT o.mesh_no, count(*) AS members FROM member o
              WHERE o.removed_at IS NULL AND o.mesh_no IN (SELECT mesh_no FROM member WHERE account_no = @account) GROUP BY o.mesh_no) c ON c.mesh_no = m.mesh_no
            WHERE m.account_no = @account AND m.removed_at IS NULL AND h.ended_at IS NULL ORDER BY m.no
            """,
            static row => new MyMesh(
                MeshId.Parse(row.GetString(0)),
                Slug.Parse(row.GetString(1)),
                row.GetString(2),
                (MemberRole)row.GetInt64(3),
                MemberId.Parse(row.GetString(4)),
                PublicKey.Parse(row.GetString(5)),
                row.GetString(6),
                (int)row.GetInt64(8),
                row.Int64OrNull(7) is { } at ? new Instant(at).ToTime() : null),
            ("@account", account.Value)),
        cancellationToken);

    /// <summary>Why an account cannot come into a workspace with this key; null where it can, or is there with it already.</summary>
    public ValueTask<MeshError?> FindObstacleAsync(AccountNo account, MeshNo mesh, PublicKey key, CancellationToken cancellationToken) =>
        database.ReadAsync((Sql sql) => FindObstacle(sql, account, mesh, key), cancellationToken);

    /// <summary>Once the proof is checked. Repeating it changes nothing.</summary>
    public Task<MeshError?> ClaimAsync(SignedIn account, MeshNo mesh, PublicKey key, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            AccountNo no = account.Account.No;
            if (MemberStore.Find(scope.Sql, mesh, key) is not { } member)
                return MeshError.MemberNotFound;
            if (member.Removed)
                return MeshError.MemberRemoved;

            long? owner = scope.Sql.FindNumber("SELECT account_no FROM member WHERE no = @no", ("@no", member.No.Value));
            if (owner == no.Value)
                return null;
            if (owner is not null)
                return MeshError.AlreadyMember.With("The memberPub is invalid: this member is another account's already.");
            if (FindObstacle(scope.Sql, no, mesh, key) is { } obstacle)
                return obstacle;

            scope.Sql.Execute("UPDATE member SET account_no = @account WHERE no = @no", ("@account", no.Value), ("@no", member.No.Value));
            JsonObject facts = new() { ["member"] = member.Id.Value, ["account"] = account.Account.Id.Value };
            AuditStore.Append(scope, mesh, new AuditEvent(AuditTypes.MemberClaimed, new AuditActor(member.Id, "session", account.RateId), facts));
            return (MeshError?)null;
        },
        cancellationToken);

    private static MeshError? FindObstacle(Sql sql, AccountNo account, MeshNo mesh, PublicKey key)
    {
        var own = sql.Find(
            "SELECT pubkey, removed_at FROM member WHERE mesh_no = @mesh AND account_no = @account",
            static row => new { Key = row.GetString(0), Removed = !row.IsDBNull(1) },
            ("@mesh", mesh.Value), ("@account", account.Value));
        return own switch
        {
            null => null,
            { Removed: true } => MeshError.MemberRemoved.With(
                "Joining is forbidden for this account: it was removed from the workspace. Ask an admin to admit it again, with the key that it had."),
            _ when string.Equals(own.Key, key.ToString(), StringComparison.Ordinal) => null,
            _ => MeshError.AlreadyMember,
        };
    }
}
