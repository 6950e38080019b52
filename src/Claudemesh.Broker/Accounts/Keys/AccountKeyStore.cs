using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Keys;

/// <summary>The keys of accounts, one for each generation of their secret. None is ever changed.</summary>
internal sealed class AccountKeyStore(Database database)
{
    public const int GenerationsMax = 1_000;

    private const string Columns = "SELECT generation, pubkey, device_pubkey, text, old_sig, account_sig, device_sig, created_at FROM account_key";

    /// <summary>All of them, oldest first.</summary>
    public ValueTask<List<AccountKeyRecord>> ListAsync(AccountNo account, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List($"{Columns} WHERE account_no = @account ORDER BY generation", Read, ("@account", account.Value)), cancellationToken);

    public ValueTask<AccountKeyRecord?> FindAsync(AccountNo account, long generation, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.Find(
            $"{Columns} WHERE account_no = @account AND generation = @generation", Read, ("@account", account.Value), ("@generation", generation)),
        cancellationToken);

    /// <summary>The present one; null where no device has made a secret.</summary>
    public static AccountKeyRecord? FindNewest(Sql sql, AccountNo account) => sql.Find(
        $"{Columns} WHERE account_no = @account ORDER BY generation DESC LIMIT 1", Read, ("@account", account.Value));

    /// <summary>Part of another write, which has looked that it is the next.</summary>
    public static void Add(WriteScope scope, AccountNo account, AccountKeyRecord key) => scope.Sql.Execute(
        """
        INSERT INTO account_key (account_no, generation, pubkey, device_pubkey, text, old_sig, account_sig, device_sig, created_at)
        VALUES (@account, @generation, @key, @device, @text, @old, @sig, @device_sig, @now)
        """,
        ("@account", account.Value), ("@generation", key.Generation), ("@key", key.AccountPub.ToString()), ("@device", key.DevicePub.ToString()),
        ("@text", key.Text), ("@old", key.OldSig), ("@sig", key.AccountSig), ("@device_sig", key.DeviceSig), ("@now", scope.Now.Micros));

    private static AccountKeyRecord Read(SqlRow row) => new(
        row.GetInt64(0),
        PublicKey.Parse(row.GetString(1)),
        row.GetFieldValue<byte[]>(3),
        row.GetFieldValue<byte[]>(5),
        row.GetFieldValue<byte[]>(6),
        PublicKey.Parse(row.GetString(2)),
        new Instant(row.GetInt64(7)).ToTime(),
        row.IsDBNull(4) ? null : row.GetFieldValue<byte[]>(4));
}
