using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Accounts.Passwords;

/// <summary>Hashes of passwords.</summary>
internal sealed class PasswordStore(Database database)
{
    /// <returns>The stored form; null where the account has none, or there is no account.</returns>
    public async ValueTask<string?> FindAsync(AccountNo? account, CancellationToken cancellationToken)
    {
        long no = account?.Value ?? 0;
        return await database.ReadAsync(
            (Sql sql) => sql.Find("SELECT hash FROM password WHERE account_no = @account", static row => row.GetString(0), ("@account", no)), cancellationToken);
    }

    /// <summary>Part of another write.</summary>
    public static void Set(WriteScope scope, AccountNo account, string hash) => scope.Sql.Execute(
        """
        INSERT INTO password (account_no, hash, changed_at) VALUES (@account, @hash, @now)
        ON CONFLICT (account_no) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at
        """,
        ("@account", account.Value), ("@hash", hash), ("@now", scope.Now.Micros));

    public static bool Has(Sql sql, AccountNo account) =>
        sql.FindNumber("SELECT 1 FROM password WHERE account_no = @account", ("@account", account.Value)) is not null;

    /// <summary>Part of another write.</summary>
    public static bool Remove(WriteScope scope, AccountNo account) =>
        scope.Sql.Execute("DELETE FROM password WHERE account_no = @account", ("@account", account.Value)) > 0;
}
