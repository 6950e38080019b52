using System.Text.Json;
using Claudemesh.Broker.Accounts.Passkeys;
using Claudemesh.Broker.Accounts.Passwords;
using Claudemesh.Broker.Accounts.SecondFactor;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Accounts.Profile;

/// <summary>The account itself, what it is signed in with, and where.</summary>
internal sealed class SignInPart : IAccountPart
{
    private static readonly string[] Owned = ["password", "passkey", "oidc_link", "mail_link", "account_invite", "ceremony"];

    public void Export(Sql sql, AccountNo account, Utf8JsonWriter json)
    {
        json.WriteRows(
            "account", ["userId", "username", "displayName", "email", "emailVerifiedAt", "createdAt"], sql,
            "SELECT user_id, username, display_name, email, email_verified_at, created_at FROM account WHERE no = @account", account);
        json.WriteBoolean("hasPassword", PasswordStore.Has(sql, account));
        json.WriteBoolean("hasTotp", SecondFactorStore.Has(sql, account));
        json.WriteNumber("recoveryCodesLeft", SecondFactorStore.CountCodes(sql, account));
        json.WriteStartArray("passkeys");
        foreach (Passkey passkey in PasskeyStore.List(sql, account))
        {
            json.WriteStartObject();
            json.WriteString("id", passkey.Id);
            json.WriteString("name", passkey.Name);
            json.WriteBase64String("publicKey", passkey.PublicKey);
            json.WriteNumber("signCount", passkey.SignCount);
            json.WriteString("transports", string.Join(' ', passkey.Transports));
            json.WriteBoolean("backedUp", passkey.BackedUp);
            json.WriteString("createdAt", passkey.CreatedAt);
            if (passkey.LastUsedAt is { } used)
                json.WriteString("lastUsedAt", used);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteRows("links", ["issuer", "subject", "linkedAt"], sql, "SELECT issuer, subject, linked_at FROM oidc_link WHERE account_no = @account", account);
        json.WriteRows(
            "sessions", ["id", "kind", "device", "name", "address", "createdAt", "lastSeenAt", "expiresAt", "endedAt"], sql,
            "SELECT id, kind, device, name, address, created_at, last_seen_at, expires_at, ended_at FROM login_session WHERE account_no = @account ORDER BY no DESC", account);
        json.WriteRows(
            "memberships", ["meshId", "meshSlug", "meshName", "memberId", "publicKey", "displayName", "role", "joinedAt", "removedAt"], sql,
            """
            SELECT h.id, h.slug, h.name, m.id, m.pubkey, m.display_name, m.role, m.joined_at, m.removed_at
            FROM member m JOIN mesh h ON h.no = m.mesh_no WHERE m.account_no = @account ORDER BY m.no
            """,
            account);
        json.WriteRows(
            "invites", ["id", "usesLeft", "createdAt", "expiresAt"], sql,
            "SELECT id, uses_left, created_at, expires_at FROM account_invite WHERE account_no = @account ORDER BY created_at", account);
    }

    /// <summary>The row stays, without what was the person's, so that its id is never another's. A member stays too: it is his key's, not the account's.</summary>
    public void Delete(WriteScope scope, AccountNo account)
    {
        foreach (string table in Owned)
            scope.Sql.Execute($"DELETE FROM {table} WHERE account_no = @account", ("@account", account.Value));
        SecondFactorStore.Remove(scope, account);
        scope.Sql.Execute("UPDATE member SET account_no = NULL WHERE account_no = @account", ("@account", account.Value));
        scope.Sql.Execute("UPDATE login_session SET name = '', address = '' WHERE account_no = @account", ("@account", account.Value));
        scope.Sql.Execute(
            """
            UPDATE account SET username = '', username_key = NULL, display_name = '', email = NULL, email_verified_at = NULL, is_operator = 0, deleted_at = @now
            WHERE no = @account
            """,
            ("@now", scope.Now.Micros), ("@account", account.Value));
    }
}
