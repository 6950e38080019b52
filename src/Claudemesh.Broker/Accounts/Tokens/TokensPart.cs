using System.Text.Json;
using Claudemesh.Broker.Accounts.Profile;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Accounts.Tokens;

/// <summary>Tokens of an account, in its export and its end.</summary>
internal sealed class TokensPart(PersonalTokens tokens) : IAccountPart
{
    public void Export(Sql sql, AccountNo account, Utf8JsonWriter json) => json.WriteRows(
        "tokens", ["id", "name", "prefix", "scopes", "meshId", "createdAt", "expiresAt", "revokedAt", "lastUsedAt"], sql,
        """
        SELECT t.id, t.name, t.prefix, t.scopes, h.id, t.created_at, t.expires_at, t.revoked_at, t.last_used_at
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
