using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Accounts.SignIn;

/// <summary>The link by which the first account is made: whoever can read what the broker prints runs it.</summary>
internal sealed class SetupLink(Database database, PublicAddress address)
{
    /// <summary>A new one, and the one before it is over; null where there has been an account.</summary>
    public Task<string?> MakeAsync(CancellationToken cancellationToken)
    {
        OneTimeToken token = OneTimeToken.Generate();
        return database.WriteAsync(
            scope =>
            {
                if (AccountStore.Any(scope.Sql))
                    return null;

                scope.Sql.Execute(
                    """
                    INSERT INTO setup_link (only_one, hash, made_at) VALUES (1, @hash, @now)
                    ON CONFLICT (only_one) DO UPDATE SET hash = excluded.hash, made_at = excluded.made_at
                    """,
                    ("@hash", token.Hash()), ("@now", scope.Now.Micros));
                return address.LinkTo("/setup#" + token.Reveal());
            },
            cancellationToken);
    }

    /// <summary>Whether this is the mark of its token, and there is no account yet.</summary>
    public static bool IsGood(Sql sql, string mark) =>
        !AccountStore.Any(sql) && sql.FindNumber("SELECT 1 FROM setup_link WHERE hash = @hash", ("@hash", Convert.FromHexString(mark))) is not null;

    /// <summary>Part of the write that makes the account.</summary>
    public static void End(WriteScope scope) => scope.Sql.Execute("DELETE FROM setup_link");
}
