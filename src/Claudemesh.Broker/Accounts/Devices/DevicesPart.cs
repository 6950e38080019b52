using System.Text.Json;
using Claudemesh.Broker.Accounts.Profile;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>
/// Devices, keys, recoveries and the vault of an account, in its export and its end. What is sealed is exported as it lies here: its person can open it.
/// </summary>
internal sealed class DevicesPart : IAccountPart
{
    private static readonly string[] Owned = ["device_request", "account_device", "account_key", "renewal_copy", "recovery_blob", "account_vault"];

    public void Export(Sql sql, AccountNo account, Utf8JsonWriter json)
    {
        json.WriteRows(
            "devices", ["publicKey", "name", "kind", "addedAt", "approvedBy", "removedAt", "text", "accountSig", "deviceSig"], sql,
            """
            SELECT pubkey, name, kind, added_at, approved_by, removed_at, text, account_sig, device_sig
            FROM account_device WHERE account_no = @account ORDER BY no
            """,
            account);
        json.WriteRows(
            "keys", ["generation", "publicKey", "devicePublicKey", "text", "oldSig", "accountSig", "deviceSig", "createdAt"], sql,
            """
            SELECT generation, pubkey, device_pubkey, text, old_sig, account_sig, device_sig, created_at
            FROM account_key WHERE account_no = @account ORDER BY generation
            """,
            account);
        json.WriteRows(
            "recoveries", ["id", "kind", "credentialId", "generation", "blob", "createdAt"], sql,
            "SELECT id, kind, credential_id, generation, blob, created_at FROM recovery_blob WHERE account_no = @account ORDER BY no", account);
        json.WriteRows("vault", ["version", "blob", "writtenAt"], sql, "SELECT version, blob, written_at FROM account_vault WHERE account_no = @account", account);
        json.WriteRows(
            "deviceRequests", ["name", "platform", "address", "createdAt", "expiresAt"], sql,
            "SELECT name, platform, address, created_at, expires_at FROM device_request WHERE account_no = @account ORDER BY no", account);
    }

    public void Delete(WriteScope scope, AccountNo account)
    {
        foreach (string table in Owned)
            scope.Sql.Execute($"DELETE FROM {table} WHERE account_no = @account", ("@account", account.Value));
    }
}
