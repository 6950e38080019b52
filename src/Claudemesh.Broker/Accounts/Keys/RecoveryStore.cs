using System.Buffers.Text;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Keys;

/// <summary>The ways back into an account's secret: one printed key, and a passkey or several. Each is of one generation and goes with it.</summary>
internal sealed class RecoveryStore(Database database)
{
    public const int BlobsMax = 50;

    /// <summary>Newest first.</summary>
    public ValueTask<List<RecoveryInfo>> ListAsync(AccountNo account, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List(
            "SELECT id, kind, generation, created_at, credential_id, blob FROM recovery_blob WHERE account_no = @account ORDER BY no DESC",
            Read, ("@account", account.Value)),
        cancellationToken);

    /// <summary>Stores a way back in place of the one before: there is one recovery key, and one for each passkey.</summary>
    public Task<(string? Id, MeshError? Refusal)> PutAsync(AccountNo account, RecoveryKind kind, RecoveryPut given, CancellationToken cancellationToken) =>
        database.WriteAsync<(string?, MeshError?)>(
            scope =>
            {
                if (AccountKeyStore.FindNewest(scope.Sql, account) is not { } present)
                    return (null, MeshError.NoAccountKey);
                if (present.Generation != given.Generation)
                    return (null, MeshError.AccountKeyMoved);

                byte[] credential = given.CredentialId ?? [];
                scope.Sql.Execute(
                    "DELETE FROM recovery_blob WHERE account_no = @account AND kind = @kind AND credential_id = @credential",
                    ("@account", account.Value), ("@kind", (long)kind), ("@credential", credential));
                if (scope.Sql.FindNumber("SELECT count(*) FROM recovery_blob WHERE account_no = @account", ("@account", account.Value)) >= BlobsMax)
                    return (null, MeshError.TooManyRecoveries);

                string id = RandomBytes.NextId();
                scope.Sql.Execute(
                    """
                    INSERT INTO recovery_blob (id, account_no, kind, credential_id, generation, blob, created_at)
                    VALUES (@id, @account, @kind, @credential, @generation, @blob, @now)
                    """,
                    ("@id", id), ("@account", account.Value), ("@kind", (long)kind), ("@credential", credential), ("@generation", given.Generation),
                    ("@blob", given.Blob), ("@now", scope.Now.Micros));
                return (id, null);
            },
            cancellationToken);

    /// <returns>False where there is none of this id.</returns>
    public Task<bool> DeleteAsync(AccountNo account, string id, CancellationToken cancellationToken) => database.WriteAsync(
        scope => scope.Sql.Execute("DELETE FROM recovery_blob WHERE account_no = @account AND id = @id", ("@account", account.Value), ("@id", id)) > 0,
        cancellationToken);

    /// <summary>The passkeys that open the secret, by the base64url of their ids, as a page has them.</summary>
    public static HashSet<string> ListPasskeys(Sql sql, AccountNo account) => sql.List(
        "SELECT credential_id FROM recovery_blob WHERE account_no = @account AND kind = @prf",
        static row => Base64Url.EncodeToString(row.GetFieldValue<byte[]>(0)), ("@account", account.Value), ("@prf", (long)RecoveryKind.Prf)).ToHashSet(StringComparer.Ordinal);

    /// <summary>Part of the write that deletes a passkey.</summary>
    public static void Forget(WriteScope scope, AccountNo account, byte[] credentialId) => scope.Sql.Execute(
        "DELETE FROM recovery_blob WHERE account_no = @account AND kind = @prf AND credential_id = @credential",
        ("@account", account.Value), ("@prf", (long)RecoveryKind.Prf), ("@credential", credentialId));

    /// <summary>Part of a renewal: what opened the old secret is worth nothing for the new one.</summary>
    public static void Clear(WriteScope scope, AccountNo account) =>
        scope.Sql.Execute("DELETE FROM recovery_blob WHERE account_no = @account", ("@account", account.Value));

    private static RecoveryInfo Read(SqlRow row)
    {
        byte[] credential = row.GetFieldValue<byte[]>(4);
        return new RecoveryInfo(
            row.GetString(0),
            (RecoveryKind)row.GetInt64(1),
            row.GetInt64(2),
            new Instant(row.GetInt64(3)).ToTime(),
            credential.Length == 0 ? null : credential,
            row.GetFieldValue<byte[]>(5));
    }
}
