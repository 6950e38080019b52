using Claudemesh.Broker.Accounts.Tokens;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts.Sessions;

/// <summary>Where accounts are signed in.</summary>
internal sealed class LoginSessionStore(Database database)
{
    /// <summary>Sessions of one account that are open at once.</summary>
    public const int PerAccountMax = 200;

    private const int OverKept = 20;

    private const string Columns =
        "s.no, s.id, s.account_no, s.kind, s.device, s.name, s.address, s.created_at, s.last_seen_at, s.authenticated_at, s.expires_at";

    private const string IsLive = "s.ended_at IS NULL AND s.expires_at > @now";

    /// <summary>The session that is not over, with its account.</summary>
    public async ValueTask<(LoginSession Session, Account Account)?> FindAsync(string id, CancellationToken cancellationToken)
    {
        long now = database.Clock.GetInstant().Micros;
        return await database.ReadAsync(
            (Sql sql) =>
            {
                LoginSession? session = sql.Find($"SELECT {Columns} FROM login_session s WHERE s.id = @id AND {IsLive}", Read, ("@id", id), ("@now", now));
                return session is not null && AccountStore.Find(sql, session.Account) is { } account ? (session, account) : ((LoginSession, Account)?)null;
            },
            cancellationToken);
    }

    /// <summary>For another write: the session of this number that is not over.</summary>
    public static LoginSession? FindLive(Sql sql, long no, Instant now) =>
        sql.Find($"SELECT {Columns} FROM login_session s WHERE s.no = @no AND {IsLive}", Read, ("@no", no), ("@now", now.Micros));

    /// <summary>The account's session of this id that is not over.</summary>
    public async ValueTask<LoginSession?> FindAsync(AccountNo account, string id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is { } found && found.Session.Account == account ? found.Session : null;

    /// <summary>Newest first; those that are not over.</summary>
    public ValueTask<List<LoginSession>> ListAsync(AccountNo account, CancellationToken cancellationToken)
    {
        long now = database.Clock.GetInstant().Micros;
        return database.ReadAsync(
            (Sql sql) => sql.List(
                $"SELECT {Columns} FROM login_session s WHERE s.account_no = @account AND {IsLive} ORDER BY s.no DESC",
                Read, ("@account", account.Value), ("@now", now)),
            cancellationToken);
    }

    /// <summary>Part of the write that signs in.</summary>
    public static LoginSession Open(WriteScope scope, NewLogin login)
    {
        string id = RandomBytes.NextId();
        DropOver(scope, login.Account);
        scope.Sql.Execute(
            """
            INSERT INTO login_session (id, account_no, kind, device, name, address, created_at, last_seen_at, authenticated_at, expires_at)
            VALUES (@id, @account, @kind, @device, @name, @address, @now, @now, @proved, @expires)
            """,
            ("@id", id), ("@account", login.Account.Value), ("@kind", (long)login.Kind), ("@device", login.Device?.ToString()), ("@name", login.Name),
            ("@address", login.Address), ("@now", scope.Now.Micros),
            ("@proved", (login.IsFresh ? scope.Now : scope.Now + -LoginSession.FreshFor).Micros), ("@expires", (scope.Now.ToTime() + LoginSession.LifeOf(login.Kind)).ToInstant().Micros));
        return scope.Sql.Find($"SELECT {Columns} FROM login_session s WHERE s.id = @id", Read, ("@id", id))!;
    }

    /// <summary>Notes that its person has proved again who he is.</summary>
    public Task<bool> RefreshProofAsync(LoginSession session, CancellationToken cancellationToken) => database.WriteAsync(
        scope => scope.Sql.Execute(
            "UPDATE login_session SET authenticated_at = @now WHERE no = @no AND ended_at IS NULL", ("@now", scope.Now.Micros), ("@no", session.No)) > 0,
        cancellationToken);

    /// <summary>Part of another write, such as the one that gives out the next refresh token.</summary>
    public static void Prolong(WriteScope scope, LoginSession session) => scope.Sql.Execute(
        "UPDATE login_session SET last_seen_at = @now, expires_at = @expires WHERE no = @no",
        ("@now", scope.Now.Micros), ("@expires", (scope.Now.ToTime() + LoginSession.LifeOf(session.Kind)).ToInstant().Micros), ("@no", session.No));

    /// <summary>Part of another write. Whoever calls this tells <see cref="LoginSessions"/> once it is committed.</summary>
    /// <returns>False when it was over before.</returns>
    public static bool End(WriteScope scope, long no)
    {
        RefreshTokens.End(scope, no);
        return scope.Sql.Execute(
            "UPDATE login_session SET ended_at = @now WHERE no = @no AND ended_at IS NULL", ("@now", scope.Now.Micros), ("@no", no)) > 0;
    }

    /// <summary>Part of another write: all of an account's but <paramref name="kept"/>.</summary>
    /// <returns>The numbers of those that it ended.</returns>
    public static List<long> EndAll(WriteScope scope, AccountNo account, long? kept = null)
    {
        List<long> ended = scope.Sql.List(
            "UPDATE login_session SET ended_at = @now WHERE account_no = @account AND ended_at IS NULL AND no <> @kept RETURNING no",
            static row => row.GetInt64(0), ("@now", scope.Now.Micros), ("@account", account.Value), ("@kept", kept ?? 0L));
        scope.Sql.Execute(
            "DELETE FROM refresh_chain WHERE session_no IN (SELECT no FROM login_session WHERE account_no = @account AND ended_at IS NOT NULL)",
            ("@account", account.Value));
        return ended;
    }

    /// <summary>
    /// Sessions that are over are of no use but to say when they ended: the last few stay. And who signs in without an end is signed out where he was last
    /// seen longest ago.
    /// </summary>
    private static void DropOver(WriteScope scope, AccountNo account)
    {
        scope.Sql.Execute(
            """
            UPDATE login_session SET ended_at = @now WHERE no IN (
              SELECT no FROM login_session WHERE account_no = @account AND ended_at IS NULL ORDER BY last_seen_at DESC, no DESC LIMIT 10 OFFSET @kept)
            """,
            ("@now", scope.Now.Micros), ("@account", account.Value), ("@kept", (long)PerAccountMax - 1));
        foreach (long no in scope.Sql.List(
            """
            SELECT no FROM login_session WHERE account_no = @account AND (ended_at IS NOT NULL OR expires_at <= @now)
            ORDER BY no DESC LIMIT 50 OFFSET @kept
            """,
            static row => row.GetInt64(0), ("@account", account.Value), ("@now", scope.Now.Micros), ("@kept", (long)OverKept)))
        {
            RefreshTokens.End(scope, no);
            scope.Sql.Execute("DELETE FROM login_session WHERE no = @no", ("@no", no));
        }
    }

    private static LoginSession Read(SqlRow row) => new(
        row.GetInt64(0),
        row.GetString(1),
        new AccountNo(row.GetInt64(2)),
        (LoginKind)row.GetInt64(3),
        row.TextOrNull(4) is { } device ? PublicKey.Parse(device) : null,
        row.GetString(5),
        row.GetString(6),
        new Instant(row.GetInt64(7)).ToTime(),
        new Instant(row.GetInt64(8)).ToTime(),
        new Instant(row.GetInt64(9)).ToTime(),
        new Instant(row.GetInt64(10)).ToTime());
}
