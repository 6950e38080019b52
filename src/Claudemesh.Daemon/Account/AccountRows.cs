using Claudemesh.Daemon.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Account;

/// <summary>What the database has of accounts: which members their brokers were told of, and the vault as last agreed.</summary>
internal sealed class AccountRows(DaemonDatabase database)
{
    public bool IsClaimed(string meshId, string userId, PublicKey member)
    {
        byte[] key = member.Span.ToArray();
        return database.Read(sql => sql.Number(
            "SELECT COUNT(*) FROM account_claim WHERE mesh_id = $1 AND user_id = $2 AND member_key = $3", meshId, userId, key)) > 0;
    }

    /// <param name="refusal">The broker's code where it refuses for good; empty: it knows.</param>
    public Task ClaimAsync(string meshId, string userId, PublicKey member, string refusal, CancellationToken cancellationToken)
    {
        byte[] key = member.Span.ToArray();
        return database.WriteAsync(
            sql => sql.Execute(
                """
                INSERT INTO account_claim (mesh_id, user_id, member_key, refusal) VALUES ($1, $2, $3, $4)
                ON CONFLICT (mesh_id) DO UPDATE SET user_id = excluded.user_id, member_key = excluded.member_key, refusal = excluded.refusal
                """,
                meshId,
                userId,
                key,
                refusal),
            cancellationToken);
    }

    /// <returns>Null before the first agreement.</returns>
    public WireVault? FindVault(string broker) => database.Read(sql => sql.Find(
        "SELECT version, blob FROM account_vault WHERE broker = $1", row => new WireVault(row.GetInt64(0), (byte[])row[1]), broker));

    public Task KeepVaultAsync(string broker, WireVault vault, CancellationToken cancellationToken) => database.WriteAsync(
        sql => sql.Execute(
            "INSERT INTO account_vault (broker, version, blob) VALUES ($1, $2, $3) ON CONFLICT (broker) DO UPDATE SET version = excluded.version, blob = excluded.blob",
            broker,
            vault.Version,
            vault.Blob),
        cancellationToken);

    /// <summary>Nothing of an account stays.</summary>
    public Task WipeAsync(string broker, string userId, CancellationToken cancellationToken) => database.WriteAsync(
        sql =>
        {
            sql.Execute("DELETE FROM account_vault WHERE broker = $1", broker);
            sql.Execute("DELETE FROM account_claim WHERE user_id = $1", userId);
        },
        cancellationToken);

    /// <summary>What was deleted is nowhere on the disk.</summary>
    public void Scrub() => database.Scrub();
}
