using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Keys;

/// <summary>What an account's devices know together, sealed by them. Its version only rises.</summary>
internal sealed class VaultStore(Database database)
{
    private const string First =
        "INSERT INTO account_vault (account_no, version, blob, written_at) VALUES (@account, @version, @blob, @now) ON CONFLICT (account_no) DO NOTHING";

    private const string Next =
        "UPDATE account_vault SET version = @version, blob = @blob, written_at = @now WHERE account_no = @account AND version = @before";

    /// <summary>Version 0 while there is nothing.</summary>
    public async ValueTask<VaultInfo> GetAsync(AccountNo account, CancellationToken cancellationToken) => await database.ReadAsync(
        (Sql sql) => sql.Find(
            "SELECT version, blob FROM account_vault WHERE account_no = @account",
            static row => new VaultInfo(row.GetInt64(0), row.GetFieldValue<byte[]>(1)), ("@account", account.Value)),
        cancellationToken) ?? new VaultInfo(Version: 0);

    /// <returns>False where the version is not the next.</returns>
    public Task<bool> PutAsync(AccountNo account, VaultPut vault, CancellationToken cancellationToken) => database.WriteAsync(
        scope => vault.Version is 1
            ? scope.Sql.Execute(First, ("@account", account.Value), ("@version", vault.Version), ("@blob", vault.Blob), ("@now", scope.Now.Micros)) > 0
            : scope.Sql.Execute(
                Next,
                ("@version", vault.Version), ("@blob", vault.Blob), ("@now", scope.Now.Micros),
                ("@account", account.Value), ("@before", vault.Version - 1)) > 0,
        cancellationToken);
}
