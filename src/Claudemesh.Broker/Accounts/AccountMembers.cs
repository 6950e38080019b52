using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts;

/// <summary>Which members of which workspaces are an account's.</summary>
internal sealed class AccountMembers(Database database)
{
    /// <summary>Workspaces that one request is about at most.</summary>
    public const int ListedMax = 100;

    /// <summary>The member that a request of an account acts as.</summary>
    /// <param name="workspace">Slug or id; null: the only one.</param>
    public async ValueTask<(MeshId Mesh, MemberNo Member, MeshError? Refusal)> FindAsync(
        AccountNo account, string? workspace, CancellationToken cancellationToken)
    {
        List<(string Mesh, long Member)> found = await database.ReadAsync(
            (Sql sql) => sql.List(
                """
                SELECT h.id, m.no FROM member m JOIN mesh h ON h.no = m.mesh_no
                WHERE m.account_no = @account AND m.removed_at IS NULL AND h.ended_at IS NULL AND (@which = '' OR h.id = @which OR h.slug = @which)
                ORDER BY m.no LIMIT 2
                """,
                static row => (row.GetString(0), row.GetInt64(1)),
                ("@account", account.Value), ("@which", workspace ?? "")),
            cancellationToken);
        return found.Count switch
        {
            0 => (default, default, MeshError.NotYourWorkspace),
            1 => (MeshId.Parse(found[0].Mesh), new MemberNo(found[0].Member), null),
            _ => (default, default, MeshError.WorkspaceHeaderRequired),
        };
    }

    /// <summary>The account's members in all its workspaces that a credential is for, by slug; at most <see cref="ListedMax"/>.</summary>
    public async ValueTask<List<(MeshId Mesh, MemberNo Member)>> ListAsync(SignedIn account, CancellationToken cancellationToken) => await database.ReadAsync(
        (Sql sql) => sql.List(
            """
            SELECT h.id, m.no FROM member m JOIN mesh h ON h.no = m.mesh_no
            WHERE m.account_no = @account AND m.removed_at IS NULL AND h.archived_at IS NULL AND (@only = 0 OR h.no = @only) ORDER BY h.slug LIMIT @limit
            """,
            static row => (MeshId.Parse(row.GetString(0)), new MemberNo(row.GetInt64(1))),
            ("@account", account.Account.No.Value), ("@only", account.Token?.Mesh?.Value ?? 0L), ("@limit", (long)ListedMax)),
        cancellationToken);
}
