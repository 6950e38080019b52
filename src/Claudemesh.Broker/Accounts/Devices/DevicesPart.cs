using System.Text.Json;
using Claudemesh.Broker.Accounts.Profile;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>An account's devices and keys, in its export and at its end. The sealed vault is in the export: it is the person's, and opens for him alone.</summary>
internal sealed class DevicesPart : IAccountPart
{
    private static readonly string[] Owned = ["device_request", "account_device", "account_key", "renewal_copy", "recovery_blob", "account_vault"];

    public void Export(Sql sql, AccountNo account, Utf8JsonWriter json)
    {
        json.WriteRows(
            "devices", ["devicePub", "name", "kind", "addedAt", "approvedBy", "removedAt", "text", "accountSig", "deviceSig"], sql,
            """
            SELECT pubkey, name, kind, added_at, approved_by, removed_at, text, account_sig, device_sig
            FROM account_device WHERE account_no = @account ORDER BY no
            """,
            account);
        json.WriteRows(
            "accountKeys", ["generation", "accountPub", "devicePub", "createdAt", "text", "oldSig", "accountSig", "deviceSig"], sql,
            """
            SELECT generation, pubkey, device_pubkey, created_at, text, old_sig, account_sig, device_sig
            FROM account_key WHERE account_no = @account ORDER BY generation
            """,
            account);
        json.WriteRows(
            "recoveries", ["id", "kind", "credentialId", "generation", "blob", "createdAt"], sql,
            "SELECT id, kind, credential_id, generation, blob, created_at FROM recovery_blob WHERE account_no = @account ORDER BY no", account);
        json.WriteRows(
            "deviceRequests", ["name", "platform", "address", "createdAt", "expiresAt"], sql,
            "SELECT name, platform, address, created_at, expires_at FROM device_request WHERE account_no = @account ORDER BY no", account);
        WriteVault(sql, account, json);
    }

    public void Delete(WriteScope scope, AccountNo account)
    {
        foreach (string table in Owned)
            scope.Sql.Execute($"DELETE FROM {table} WHERE account_no = @account", ("@account", account.Value));
    }

    private static void WriteVault(Sql sql, AccountNo account, Utf8JsonWriter json)
    {
        byte[]? blob = sql.Find(
            "SELECT blob FROM account_vault WHERE account_no = @account", static row => row.GetFieldValue<byte[]>(0), ("@account", account.Value));
        if (blob is not null)
            json.WriteBase64String("vault", blob);
    }
}
