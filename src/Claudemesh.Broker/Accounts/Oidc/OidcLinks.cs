using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Accounts.Oidc;

/// <summary>Which person of a provider is which account.</summary>
internal static class OidcLinks
{
    public static AccountNo? Find(Sql sql, string issuer, string subject) =>
        sql.FindNumber("SELECT account_no FROM oidc_link WHERE issuer = @issuer AND subject = @subject", ("@issuer", issuer), ("@subject", subject)) is { } no
            ? new AccountNo(no) : null;

    /// <summary>Part of another write.</summary>
    /// <returns>False where he is another account.</returns>
    public static bool Add(WriteScope scope, string issuer, string subject, AccountNo account) => scope.Sql.Execute(
        """
        INSERT INTO oidc_link (issuer, subject, account_no, linked_at) VALUES (@issuer, @subject, @account, @now) ON CONFLICT (issuer, subject) DO NOTHING
        """,
        ("@issuer", issuer), ("@subject", subject), ("@account", account.Value), ("@now", scope.Now.Micros)) > 0
        || Find(scope.Sql, issuer, subject) == account;
}
