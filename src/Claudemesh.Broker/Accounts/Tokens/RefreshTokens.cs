using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Accounts.Tokens;

/// <summary>What came of an exchange.</summary>
/// <param name="Session">Null: the token is none, or its session is over.</param>
/// <param name="Next">The token that is good from here on; null when there is none: the token came a second time.</param>
internal readonly record struct RefreshExchange(long? Session, RefreshToken? Next)
{
    public bool IsReuse => Session is not null && Next is null;
}

/// <summary>The refresh tokens of login sessions: each is good once, and one that comes again when it should not gives its session away.</summary>
internal static class RefreshTokens
{
    /// <summary>Part of the write that opens the session.</summary>
    public static RefreshToken Begin(WriteScope scope, long session)
    {
        RefreshToken first = RefreshToken.Begin();
        scope.Sql.Execute(
            "INSERT INTO refresh_chain (session_no, family_hash, live_hash, previous_hash, exchanged_at) VALUES (@session, @family, @live, NULL, NULL)",
            ("@session", session), ("@family", first.FamilyHash()), ("@live", first.Hash()));
        return first;
    }

    /// <summary>
    /// Part of another write, which ends the session where this says that the token was used again. Whoever comes with any token of it from then on
    /// has none.
    /// </summary>
    public static RefreshExchange Exchange(WriteScope scope, RefreshToken token)
    {
        RefreshChain? chain = scope.Sql.Find(
            "SELECT session_no, live_hash, previous_hash, exchanged_at FROM refresh_chain WHERE family_hash = @family", Read, ("@family", token.FamilyHash()));
        if (chain is null)
            return default;

        RefreshStanding standing = chain.StandingOf(token, scope.Now);
        if (standing is RefreshStanding.Reused)
        {
            End(scope, chain.Session);
            return new RefreshExchange(chain.Session, Next: null);
        }

        RefreshToken next = token.Next();
        Instant exchangedAt = standing is RefreshStanding.Live ? scope.Now : chain.ExchangedAt!.Value;
        scope.Sql.Execute(
            "UPDATE refresh_chain SET live_hash = @live, previous_hash = @previous, exchanged_at = @at WHERE session_no = @session",
            ("@live", next.Hash()), ("@previous", token.Hash()), ("@at", exchangedAt.Micros), ("@session", chain.Session));
        return new RefreshExchange(chain.Session, next);
    }

    /// <summary>For RFC 7009: which session a token belongs to, of whatever age it is.</summary>
    public static long? FindSession(Sql sql, RefreshToken token) =>
        sql.FindNumber("SELECT session_no FROM refresh_chain WHERE family_hash = @family", ("@family", token.FamilyHash()));

    /// <summary>Part of the write that ends the session.</summary>
    public static void End(WriteScope scope, long session) =>
        scope.Sql.Execute("DELETE FROM refresh_chain WHERE session_no = @session", ("@session", session));

    private static RefreshChain Read(SqlRow row) => new(
        row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.IsDBNull(2) ? null : row.GetFieldValue<byte[]>(2),
        row.Int64OrNull(3) is { } at ? new Instant(at) : null);
}
