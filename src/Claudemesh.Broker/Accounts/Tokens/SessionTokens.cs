using Claudemesh.Broker.Accounts.Sessions;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Accounts.Tokens;

/// <summary>A session that goes on: who it is of, and its next refresh token.</summary>
internal sealed record RefreshedSession(Account Account, LoginSession Session, RefreshToken Next);

/// <summary>
/// The two tokens of a login session: the refresh token is exchanged for the next one and an access token, and one that is exchanged a second time
/// ends the session, because nobody can say which of the two who have it is the thief.
/// </summary>
internal sealed partial class SessionTokens(
    Database database, LoginSessions sessions, AccessTokens access, AccountNews news, ILogger<SessionTokens> logger)
{
    /// <param name="kind">Whose tokens come by this door: one from the other was carried here.</param>
    /// <returns>Null when the token is none, has been used, or is of a session or an account that is over.</returns>
    public async Task<RefreshedSession?> RefreshAsync(RefreshToken token, LoginKind kind, CancellationToken cancellationToken)
    {
        (RefreshedSession? refreshed, LoginSession? stolen) = await database.WriteAsync(scope => Exchange(scope, token, kind), cancellationToken);
        if (stolen is not null)
        {
            LogReused(stolen.Id);
            sessions.Ended([stolen.No]);
            await news.TellAsync(stolen.Account, AccountChange.SignedOut, cancellationToken);
        }

        return refreshed;
    }

    /// <summary>The answer of <c>POST /oauth/token</c>.</summary>
    /// <param name="approval">Of a device that has just been approved.</param>
    public OAuthTokens Tell(RefreshedSession session, ApprovalParts? approval = null) => new(
        access.Mint(session.Account, session.Session), OAuthTokens.Bearer, (int)AccessTokens.Life.TotalSeconds, session.Next.Reveal(), OAuthTokens.AccountScope,
        session.Account.Id, approval);

    /// <summary>Ends the session of a refresh token, of whatever age it is.</summary>
    public async Task EndAsync(RefreshToken token, CancellationToken cancellationToken)
    {
        long? ended = await database.WriteAsync(
            scope =>
            {
                long? session = RefreshTokens.FindSession(scope.Sql, token);
                if (session is { } no)
                    LoginSessionStore.End(scope, no);
                return session;
            },
            cancellationToken);
        if (ended is { } gone)
            sessions.Ended([gone]);
    }

    /// <summary>Ends the session of an access token that is good.</summary>
    public async Task EndAsync(string token, CancellationToken cancellationToken)
    {
        if (await access.ReadAsync(token) is { } claims
            && await sessions.FindAsync(claims.Session, cancellationToken) is { } found && found.Account.Id == claims.User)
            await sessions.EndAsync(found.Session, cancellationToken);
    }

    private static (RefreshedSession? Refreshed, LoginSession? Stolen) Exchange(WriteScope scope, RefreshToken token, LoginKind kind)
    {
        if (RefreshTokens.FindSession(scope.Sql, token) is not { } no || LoginSessionStore.FindLive(scope.Sql, no, scope.Now) is not { } session
            || session.Kind != kind || AccountStore.Find(scope.Sql, session.Account) is not { } account)
            return default;

        if (RefreshTokens.Exchange(scope, token).Next is not { } next)
        {
            LoginSessionStore.End(scope, no);
            return (null, session);
        }

        LoginSessionStore.Prolong(scope, session);
        return (new RefreshedSession(account, LoginSessionStore.FindLive(scope.Sql, no, scope.Now)!, next), null);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A refresh token of session {Session} came a second time: the session has ended")]
    private partial void LogReused(string session);
}
