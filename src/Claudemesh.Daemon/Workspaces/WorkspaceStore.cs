using Claudemesh.Daemon.Keys;
using Claudemesh.Daemon.Storage;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Microsoft.Data.Sqlite;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>A workspace this person is a member of.</summary>
/// <param name="Slug">Its name on this machine; differs from <paramref name="BrokerSlug"/> when two workspaces claim one.</param>
/// <param name="Broker">The broker's HTTP address without a closing slash.</param>
/// <param name="Incarnation">The broker's database as last seen; positions of another one mean nothing.</param>
/// <param name="Absence">Why it is not connected, by the broker's will; null when nothing speaks against it.</param>
internal sealed record WorkspaceRow(
    long No,
    string MeshId,
    string Slug,
    string BrokerSlug,
    string Name,
    string Broker,
    string Role,
    string MemberId,
    PublicKey MemberKey,
    string DisplayName,
    long JoinedAt,
    string Incarnation,
    Absence? Absence = null);

internal sealed class WorkspaceStore(DaemonDatabase database, KeyStore keys, TimeProvider clock)
{
    private const int SliceMax = 500;

    private const string Columns =
        "no, mesh_id, slug, broker_slug, name, broker, role, member_id, member_key, display_name, joined_at, incarnation, absence, absence_reason";

    public List<WorkspaceRow> List() => database.Read(sql => sql.Query($"SELECT {Columns} FROM workspace ORDER BY joined_at, no", ReadRow));

    public WorkspaceRow? FindByMesh(string meshId) =>
        database.Read(sql => sql.Find($"SELECT {Columns} FROM workspace WHERE mesh_id = $1", ReadRow, meshId));

    /// <summary>
    /// The member's seed for a mesh: the one stored before, else <paramref name="fresh"/>, on disk before this returns. One that an account gave takes no part.
    /// </summary>
    public Task<byte[]> KeepSeedAsync(string meshId, byte[] fresh, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql =>
            {
                sql.Execute(
                    """
                    INSERT INTO member_seed (mesh_id, seed, created_at) VALUES ($1, $2, $3)
                    ON CONFLICT (mesh_id) DO UPDATE SET seed = excluded.seed, derived_by = '' WHERE derived_by <> ''
                    """,
                    meshId,
                    fresh,
                    now);
                return sql.Find("SELECT seed FROM member_seed WHERE mesh_id = $1", row => (byte[])row[0], meshId)!;
            },
            cancellationToken);
    }

    /// <summary>What is kept of a member's key; null when there is none.</summary>
    public KeptSeed? FindSeed(string meshId) => database.Read(sql => sql.Find(
        "SELECT seed, derived_by FROM member_seed WHERE mesh_id = $1", row => new KeptSeed((byte[])row[0], row.GetString(1)), meshId));

    /// <summary>Takes note that an account's secret gives the member's key; a seed that was kept is overwritten.</summary>
    /// <param name="broker">The account's.</param>
    public Task KeepDerivedAsync(string meshId, string broker, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql => sql.Execute(
                """
                INSERT INTO member_seed (mesh_id, seed, created_at, derived_by) VALUES ($1, zeroblob(32), $2, $3)
                ON CONFLICT (mesh_id) DO UPDATE SET seed = excluded.seed, derived_by = excluded.derived_by
                """,
                meshId,
                now,
                broker),
            cancellationToken);
    }

    /// <summary>Adds a workspace under its own slug or, when that is taken here, under that with <c>-2</c>, <c>-3</c> and on. Adding one again changes its member and its log only.</summary>
    /// <param name="start">Its log as far as it is known; null where the broker is asked for it.</param>
    public async Task<WorkspaceRow> AddAsync(WorkspaceRow row, LogStart? start, CancellationToken cancellationToken)
    {
        WorkspaceRow added = await AddRowAsync(row, start, cancellationToken);
        if (start is not null)
            await keys.AddRecordsAsync(added.No, RootReference.MeshScope, 1, start.Records, cancellationToken);
        return added;
    }

    private Task<WorkspaceRow> AddRowAsync(WorkspaceRow row, LogStart? start, CancellationToken cancellationToken) => database.WriteAsync(
        sql =>
        {
            string slug = row.BrokerSlug;
            for (int suffix = 2; sql.Number("SELECT COUNT(*) FROM workspace WHERE slug = $1 AND mesh_id <> $2", slug, row.MeshId) > 0; suffix++)
                slug = $"{row.BrokerSlug}-{suffix}";

            sql.Execute(
                """
                INSERT INTO workspace (mesh_id, slug, broker_slug, name, broker, role, member_id, member_key, display_name, joined_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                ON CONFLICT (mesh_id) DO UPDATE SET role = excluded.role, member_id = excluded.member_id
                """,
                row.MeshId,
                slug,
                row.BrokerSlug,
                row.Name,
                row.Broker,
                row.Role,
                row.MemberId,
                row.MemberKey.Span.ToArray(),
                row.DisplayName,
                row.JoinedAt);
            WorkspaceRow added = sql.Find($"SELECT {Columns} FROM workspace WHERE mesh_id = $1", ReadRow, row.MeshId)!;
            start?.Write(sql, added.No);
            return added;
        },
        cancellationToken);

    /// <summary>Takes over what the broker says of the workspace. Another incarnation forgets all positions, and posts with
    /// theirs: they name other messages now.</summary>
    public async Task WelcomeAsync(long no, string name, string role, string displayName, string incarnation, CancellationToken cancellationToken)
    {
        // Before the incarnation is written down: what is left when the daemon ends here goes the next time.
        bool isAnother = database.Read(sql => sql.Number("SELECT COUNT(*) FROM workspace WHERE no = $1 AND incarnation NOT IN ('', $2)", no, incarnation)) > 0;
        if (isAnother)
            await DeleteRowsAsync("post", no, cancellationToken);
        await database.WriteAsync(
            sql =>
            {
                sql.Execute(
                    "DELETE FROM position WHERE workspace_no = $1 AND EXISTS (SELECT 1 FROM workspace WHERE no = $1 AND incarnation <> $2)", no, incarnation);
                sql.Execute(
                    "UPDATE workspace SET name = $2, role = $3, display_name = $4, incarnation = $5 WHERE no = $1", no, name, role, displayName, incarnation);
            },
            cancellationToken);
    }

    /// <param name="absence">Null: there is no reason any more.</param>
    public Task SetAbsenceAsync(long no, Absence? absence, CancellationToken cancellationToken) => database.WriteAsync(
        sql => sql.Execute("UPDATE workspace SET absence = $2, absence_reason = $3 WHERE no = $1", no, absence?.Kind ?? "", absence?.Reason ?? ""),
        cancellationToken);

    /// <summary>Gives a workspace another short name here, if no other one has it.</summary>
    /// <returns>False when another one has it.</returns>
    public Task<bool> RenameAsync(long no, string slug, string brokerSlug, string name, CancellationToken cancellationToken) => database.WriteAsync(
        sql =>
        {
            if (sql.Number("SELECT COUNT(*) FROM workspace WHERE slug = $1 AND no <> $2", slug, no) > 0)
                return false;

            sql.Execute("UPDATE workspace SET slug = $2, broker_slug = $3, name = $4 WHERE no = $1", no, slug, brokerSlug, name);
            return true;
        },
        cancellationToken);

    /// <summary>Deletes a workspace with everything that came of it: outbox, inbox, contacts, positions, and its member key.</summary>
    public async Task DeleteAsync(WorkspaceRow row, CancellationToken cancellationToken)
    {
        foreach (string table in new[] { "post", "inbox", "outbox" })
            await DeleteRowsAsync(table, row.No, cancellationToken);
        await database.WriteAsync(
            sql =>
            {
                sql.Execute("DELETE FROM workspace WHERE no = $1", row.No);
                sql.Execute("DELETE FROM member_seed WHERE mesh_id = $1", row.MeshId);
            },
            cancellationToken);
    }

    /// <summary>This installation's name towards brokers: made once, kept for good, says nothing.</summary>
    public Task<string> KeepDeviceIdAsync(string fresh, CancellationToken cancellationToken) => database.WriteAsync(
        sql =>
        {
            sql.Execute("INSERT INTO setting (name, value) VALUES ('device_id', $1) ON CONFLICT (name) DO NOTHING", fresh);
            return sql.Find("SELECT value FROM setting WHERE name = 'device_id'", row => row.GetString(0))!;
        },
        cancellationToken);

    /// <summary>In slices: with each message its words go, and others wait for a transaction.</summary>
    private async Task DeleteRowsAsync(string table, long no, CancellationToken cancellationToken)
    {
        int deleted;
        do
        {
            deleted = await database.WriteAsync(
                sql => sql.Execute($"DELETE FROM {table} WHERE seq IN (SELECT seq FROM {table} WHERE workspace_no = $1 LIMIT $2)", no, SliceMax), cancellationToken);
        }
        while (deleted == SliceMax);
    }

    private static WorkspaceRow ReadRow(SqliteDataReader row) => new(
        row.GetInt64(0),
        row.GetString(1),
        row.GetString(2),
        row.GetString(3),
        row.GetString(4),
        row.GetString(5),
        row.GetString(6),
        row.GetString(7),
        new PublicKey((byte[])row[8]),
        row.GetString(9),
        row.GetInt64(10),
        row.GetString(11),
        row.GetString(12) is { Length: > 0 } kind ? new Absence(kind, row.GetString(13)) : null);
}

/// <param name="Seed">Zeros where an account's secret gives the key.</param>
/// <param name="DerivedBy">The broker of that account; empty where the seed is kept itself.</param>
internal sealed record KeptSeed(byte[] Seed, string DerivedBy)
{
    public override string ToString() => "(seed)";
}
