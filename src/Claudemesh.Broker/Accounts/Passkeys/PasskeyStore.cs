using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Accounts.Passkeys;

/// <summary>Passkeys, by their credential's id.</summary>
internal sealed class PasskeyStore(Database database)
{
    public const int PerAccountMax = 20;

    private const string Columns =
        "p.account_no, p.credential_id, p.public_key, p.name, p.sign_count, p.transports, p.backup_eligible, p.backed_up, p.created_at, p.last_used_at";

    public ValueTask<List<Passkey>> ListAsync(AccountNo account, CancellationToken cancellationToken) =>
        database.ReadAsync((Sql sql) => List(sql, account), cancellationToken);

    public ValueTask<Passkey?> FindAsync(byte[] credentialId, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.Find($"SELECT {Columns} FROM passkey p WHERE p.credential_id = @id", Read, ("@id", credentialId)), cancellationToken);

    /// <summary>The account that has it.</summary>
    public ValueTask<Account?> FindOwnerAsync(byte[] credentialId, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.FindNumber("SELECT account_no FROM passkey WHERE credential_id = @id", ("@id", credentialId)) is { } no
            ? AccountStore.Find(sql, new AccountNo(no)) : null,
        cancellationToken);

    /// <summary>Oldest first.</summary>
    public static List<Passkey> List(Sql sql, AccountNo account) =>
        sql.List($"SELECT {Columns} FROM passkey p WHERE p.account_no = @account ORDER BY p.no", Read, ("@account", account.Value));

    public static long Count(Sql sql, AccountNo account) =>
        sql.FindNumber("SELECT count(*) FROM passkey WHERE account_no = @account", ("@account", account.Value))!.Value;

    /// <summary>Part of another write.</summary>
    /// <returns>False where some account has it.</returns>
    public static bool Add(WriteScope scope, Passkey passkey) => scope.Sql.Execute(
        """
        INSERT INTO passkey (account_no, credential_id, public_key, name, sign_count, transports, backup_eligible, backed_up, created_at)
        VALUES (@account, @id, @key, @name, @count, @transports, @eligible, @backed, @now) ON CONFLICT (credential_id) DO NOTHING
        """,
        ("@account", passkey.Account.Value), ("@id", passkey.CredentialId), ("@key", passkey.PublicKey), ("@name", passkey.Name), ("@count", passkey.SignCount),
        ("@transports", string.Join(' ', passkey.Transports)), ("@eligible", passkey.BackupEligible ? 1L : 0L), ("@backed", passkey.BackedUp ? 1L : 0L),
        ("@now", scope.Now.Micros)) > 0;

    /// <summary>
    /// Part of the write that a proof is for: its counter and where its copies are, as the authenticator said now. Of two proofs made with one count
    /// the second is none: somebody has a copy of the passkey.
    /// </summary>
    public static bool NoteUse(WriteScope scope, byte[] credentialId, uint signCount, bool backedUp) => scope.Sql.Execute(
        """
        UPDATE passkey SET sign_count = @count, backed_up = @backed, last_used_at = @now
        WHERE credential_id = @id AND (sign_count < @count OR (sign_count = 0 AND @count = 0))
        """,
        ("@count", (long)signCount), ("@backed", backedUp ? 1L : 0L), ("@now", scope.Now.Micros), ("@id", credentialId)) > 0;

    public Task<bool> RenameAsync(AccountNo account, byte[] credentialId, string name, CancellationToken cancellationToken) => database.WriteAsync(
        scope => scope.Sql.Execute(
            "UPDATE passkey SET name = @name WHERE account_no = @account AND credential_id = @id", ("@name", name), ("@account", account.Value), ("@id", credentialId)) > 0,
        cancellationToken);

    /// <summary>Part of another write.</summary>
    public static bool Remove(WriteScope scope, AccountNo account, byte[] credentialId) => scope.Sql.Execute(
        "DELETE FROM passkey WHERE account_no = @account AND credential_id = @id", ("@account", account.Value), ("@id", credentialId)) > 0;

    private static Passkey Read(SqlRow row) => new(
        new AccountNo(row.GetInt64(0)),
        row.GetFieldValue<byte[]>(1),
        row.GetFieldValue<byte[]>(2),
        row.GetString(3),
        row.GetInt64(4),
        row.GetString(5).Split(' ', StringSplitOptions.RemoveEmptyEntries),
        row.GetInt64(6) != 0,
        row.GetInt64(7) != 0,
        new Instant(row.GetInt64(8)).ToTime(),
        row.Int64OrNull(9) is { } used ? new Instant(used).ToTime() : null);
}
