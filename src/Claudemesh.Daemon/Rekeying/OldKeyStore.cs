using Claudemesh.Crypto;
using Claudemesh.Daemon.Storage;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Rekeying;

/// <summary>A key of before.</summary>
internal sealed record OldKey(PublicKey Public, bool IsSession, byte[] Seed);

/// <summary>A key change that is begun.</summary>
internal sealed record BegunChange(byte[] Seed, bool Compromised);

/// <summary>Keys of before, and changes that are begun, on disk. A seed that was ever a member's, or was offered as one, is never deleted but with its workspace.</summary>
internal sealed class OldKeyStore(DaemonDatabase database, TimeProvider clock)
{
    /// <summary>More keys of before than these are not held in memory; nobody writes to them any more.</summary>
    public const int KeysMax = 256;

    /// <summary>The newest first.</summary>
    public List<OldKey> List(string meshId) => database.Read(sql => sql.Query(
        "SELECT public_key, kind, seed FROM old_key WHERE mesh_id = $1 ORDER BY replaced_at DESC, public_key LIMIT $2",
        row => new OldKey(new PublicKey((byte[])row[0]), row.GetString(1) is "session", (byte[])row[2]),
        meshId,
        KeysMax));

    /// <summary>Sessions that were written to or wrote here, open or not, no more than are kept.</summary>
    public List<string> ListSessions(long workspaceNo) => database.Read(sql => sql.Query(
        """
        SELECT source FROM position WHERE workspace_no = $1 AND source <> '' AND source NOT LIKE '#%'
        UNION SELECT session_id FROM outbox WHERE workspace_no = $1 AND session_id <> '' LIMIT $2
        """,
        row => row.GetString(0),
        workspaceNo,
        KeysMax / 2));

    public BegunChange? FindBegun(string meshId) => database.Read(sql => sql.Find(
        "SELECT seed, compromised FROM key_change WHERE mesh_id = $1", row => new BegunChange((byte[])row[0], row.GetInt64(1) != 0), meshId));

    /// <summary>Before anybody hears of the new key. A change that is begun already stays: it is to be ended first.</summary>
    public Task BeginAsync(string meshId, BegunChange change, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql => sql.Execute(
                "INSERT INTO key_change (mesh_id, seed, compromised, begun_at) VALUES ($1, $2, $3, $4) ON CONFLICT (mesh_id) DO NOTHING",
                meshId,
                change.Seed,
                change.Compromised ? 1L : 0L,
                now),
            cancellationToken);
    }

    /// <summary>The log does not take the change. Its seed stays, in case the broker's word on that was not the last.</summary>
    public Task AbandonAsync(string meshId, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql =>
            {
                if (sql.Find("SELECT seed FROM key_change WHERE mesh_id = $1", row => (byte[])row[0], meshId) is { } seed)
                    Keep(sql, meshId, seed, isSession: false, now);
                sql.Execute("DELETE FROM key_change WHERE mesh_id = $1", meshId);
            },
            cancellationToken);
    }

    /// <summary>The member has another key from here on, in one transaction: the one before is one of before, and the change is not begun any more.</summary>
    /// <param name="before">The seed of the key before; where an account gave it, it is in no row.</param>
    /// <param name="seed">Of the new key.</param>
    /// <param name="sessions">Seeds of the sessions that came of the key before.</param>
    public Task SwitchAsync(WorkspaceRow row, byte[] before, byte[] seed, PublicKey key, IReadOnlyList<byte[]> sessions, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql =>
            {
                Keep(sql, row.MeshId, before, isSession: false, now);
                foreach (byte[] session in sessions)
                    Keep(sql, row.MeshId, session, isSession: true, now);
                sql.Execute("UPDATE member_seed SET seed = $2, derived_by = '' WHERE mesh_id = $1", row.MeshId, seed);
                sql.Execute("UPDATE workspace SET member_key = $2 WHERE mesh_id = $1", row.MeshId, key.Span.ToArray());
                sql.Execute("DELETE FROM old_key WHERE mesh_id = $1 AND public_key = $2", row.MeshId, key.Span.ToArray());
                sql.Execute("DELETE FROM key_change WHERE mesh_id = $1", row.MeshId);
            },
            cancellationToken);
    }

    /// <summary>Keys of sessions of another program that had this member key.</summary>
    public Task AddSessionsAsync(string meshId, IReadOnlyList<byte[]> seeds, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql =>
            {
                foreach (byte[] seed in seeds)
                    Keep(sql, meshId, seed, isSession: true, now);
            },
            cancellationToken);
    }

    /// <summary>Keys of before that another device of this person has kept. Those that are here stay as they are, and the present one is none of before.</summary>
    public Task AddMembersAsync(string meshId, IReadOnlyList<byte[]> seeds, CancellationToken cancellationToken)
    {
        if (seeds.Count == 0)
            return Task.CompletedTask;

        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql =>
            {
                foreach (byte[] seed in seeds.Where(seed => seed.Length == Ed25519.SeedSize).Take(KeysMax))
                {
                    using SigningKey key = SigningKey.FromSeed(seed);
                    sql.Execute(
                        """
                        INSERT INTO old_key (mesh_id, public_key, kind, seed, replaced_at)
                        SELECT $1, $2, 'member', $3, $4 WHERE EXISTS (SELECT 1 FROM workspace WHERE mesh_id = $1 AND member_key <> $2)
                        ON CONFLICT (mesh_id, public_key) DO NOTHING
                        """,
                        meshId,
                        key.Public.Span.ToArray(),
                        seed,
                        now);
                }
            },
            cancellationToken);
    }

    private static void Keep(Sql sql, string meshId, byte[] seed, bool isSession, long now)
    {
        using SigningKey key = SigningKey.FromSeed(seed);
        sql.Execute(
            """
            INSERT INTO old_key (mesh_id, public_key, kind, seed, replaced_at) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (mesh_id, public_key) DO UPDATE SET replaced_at = excluded.replaced_at
            """,
            meshId,
            key.Public.Span.ToArray(),
            isSession ? "session" : "member",
            seed,
            now);
    }
}
