using System.Text.Json;
using Claudemesh.Broker.Accounts.Profile;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Accounts.Tokens;

/// <summary>An account's personal tokens in its export, and gone with it.</summary>
internal sealed class PersonalTokenPart(PersonalTokens tokens) : IAccountPart
{
    public void Export(Sql sql, AccountNo account, Utf8JsonWriter json) => json.WriteRows(
        "tokens", ["id", "name", "prefix", "scopes", "meshSlug", "createdAt", "expiresAt", "lastUsedAt", "revokedAt"], sql,
        """
        SELECT t.id, t.name, t.prefix, t.scopes, h.slug, t.created_at, t.expires_at, t.last_used_at, t.revoked_at
        FROM personal_token t LEFT JOIN mesh h ON h.no = t.mesh_no WHERE t.account_no = @account ORDER BY t.no DESC
        """,
        account);

    public void Delete(WriteScope scope, AccountNo account)
    {
        PersonalTokenStore.DeleteAll(scope, account);
        scope.Sql.Execute(
            "DELETE FROM refresh_chain WHERE session_no IN (SELECT no FROM login_session WHERE account_no = @account)", ("@account", account.Value));
    }

    public void Deleted(AccountNo account) => tokens.Ended(account);
}
