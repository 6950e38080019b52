using Claudemesh.Crypto;
using Claudemesh.Daemon.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Migrating;

/// <summary>What was done with one member.</summary>
/// <param name="FirstKey">The key before the move.</param>
/// <param name="Origin"><c>1.x</c>, or <c>2.x</c> for a random key of this program's own.</param>
/// <param name="State">One of <see cref="MoveStates"/>.</param>
internal sealed record MovedIdentity(string MeshId, PublicKey FirstKey, string Origin, string State);

internal static class MoveStates
{
    /// <summary>Here, under the key that it had.</summary>
    public const string Imported = "imported";

    /// <summary>Under another key; that can be taken back.</summary>
    public const string Moved = "moved";

    /// <summary>Taken back.</summary>
    public const string Undone = "undone";

    /// <summary>For good.</summary>
    public const string Confirmed = "confirmed";
}

/// <summary>What <c>migrate-identity</c> has done so far. The logs say which key is current; here is what its person wanted.</summary>
internal sealed class MovedStore(DaemonDatabase database, TimeProvider clock)
{
    public List<MovedIdentity> List() => database.Read(sql => sql.Query(
        "SELECT mesh_id, first_key, origin, state FROM moved_identity ORDER BY mesh_id",
        row => new MovedIdentity(row.GetString(0), new PublicKey((byte[])row[1]), row.GetString(2), row.GetString(3))));

    public Task PutAsync(MovedIdentity moved, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        byte[] key = moved.FirstKey.Span.ToArray();
        return database.WriteAsync(
            sql => sql.Execute(
                """
                INSERT INTO moved_identity (mesh_id, first_key, origin, state, changed_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (mesh_id) DO UPDATE SET first_key = excluded.first_key, origin = excluded.origin, state = excluded.state, changed_at = excluded.changed_at
                """,
                moved.MeshId,
                key,
                moved.Origin,
                moved.State,
                now),
            cancellationToken);
    }

    /// <summary>
    /// The key of a workspace that is about to be added. One that was kept for it and never used, of a join that was broken off, stays among those of before: nothing
    /// says that its broker did not hear of it.
    /// </summary>
    public Task TakeSeedAsync(string meshId, byte[] seed, CancellationToken cancellationToken)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return database.WriteAsync(
            sql =>
            {
                // What an account's secret gives is in no row, and comes again.
                byte[]? orphan = sql.Find("SELECT seed FROM member_seed WHERE mesh_id = $1 AND derived_by = ''", row => (byte[])row[0], meshId);
                sql.Execute(
                    """
                    INSERT INTO member_seed (mesh_id, seed, created_at) VALUES ($1, $2, $3)
                    ON CONFLICT (mesh_id) DO UPDATE SET seed = excluded.seed, derived_by = ''
                    """,
                    meshId,
                    seed,
                    now);
                if (orphan is null || orphan.AsSpan().SequenceEqual(seed))
                    return;

                using SigningKey key = SigningKey.FromSeed(orphan);
                sql.Execute(
                    "INSERT INTO old_key (mesh_id, public_key, kind, seed, replaced_at) VALUES ($1, $2, 'member', $3, $4) ON CONFLICT DO NOTHING",
                    meshId,
                    key.Public.Span.ToArray(),
                    orphan,
                    now);
            },
            cancellationToken);
    }
}
