using Claudemesh.Broker.ApiKeys;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Accounts.Tokens;

/// <param name="Mesh">Null: for all workspaces of the account.</param>
internal sealed record NewPersonalToken(string Id, AccountNo Account, string Name, KeyCapabilities Scopes, MeshNo? Mesh, DateTimeOffset ExpiresAt);

/// <summary>Personal tokens, by the hash of their secret. What is over stays for a while, so that it is listed as that.</summary>
internal sealed class PersonalTokenStore(Database database)
{
    /// <summary>Tokens of one account that are not over; and of those that are, the newest are kept.</summary>
    public const int PerAccountMax = 50;

    private const string IsLive = "revoked_at IS NULL AND expires_at > @now";

    private const string Columns =
        """
        SELECT t.no, t.id, t.account_no, t.name, t.prefix, t.scopes, t.mesh_no, t.created_at, t.expires_at, t.revoked_at, t.last_used_at, h.slug
        FROM personal_token t LEFT JOIN mesh h ON h.no = t.mesh_no
        """;

    /// <returns>Null where the account has as many as it may.</returns>
    public Task<PersonalToken?> CreateAsync(NewPersonalToken token, PersonalTokenSecret secret, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            long count = scope.Sql.FindNumber(
                $"SELECT count(*) FROM personal_token WHERE account_no = @account AND {IsLive}", ("@account", token.Account.Value), ("@now", scope.Now.Micros))!.Value;
            if (count >= PerAccountMax)
                return null;

            DropOldest(scope, token.Account);
            byte[] hash = secret.Hash();
            scope.Sql.Execute(
                """
                INSERT INTO personal_token (id, account_no, name, prefix, hash, scopes, mesh_no, created_at, expires_at)
                VALUES (@id, @account, @name, @prefix, @hash, @scopes, @mesh, @now, @expires)
                """,
                ("@id", token.Id), ("@account", token.Account.Value), ("@name", token.Name), ("@prefix", secret.Prefix), ("@hash", hash),
                ("@scopes", (long)token.Scopes), ("@mesh", token.Mesh?.Value), ("@now", scope.Now.Micros), ("@expires", token.ExpiresAt.ToInstant().Micros));
            return Find(scope.Sql, hash);
        },
        cancellationToken);

    /// <summary>The token that is not over, with its account, which is not deleted.</summary>
    public async ValueTask<(PersonalToken Token, Account Account)?> FindLiveAsync(PersonalTokenSecret secret, CancellationToken cancellationToken)
    {
        byte[] hash = secret.Hash();
        DateTimeOffset now = database.Clock.GetUtcNow();
        return await database.ReadAsync(
            (Sql sql) => Find(sql, hash) is { } token && !token.IsOver(now) && AccountStore.Find(sql, token.Account) is { } account ? (token, account)
                : ((PersonalToken, Account)?)null,
            cancellationToken);
    }

    /// <summary>Whether it is what it was when it was found: not over, of an account that is there.</summary>
    public async ValueTask<bool> IsLiveAsync(PersonalToken token, CancellationToken cancellationToken)
    {
        long now = database.Clock.GetInstant().Micros;
        return await database.ReadAsync(
            (Sql sql) => sql.FindNumber(
                $"""
                SELECT no FROM personal_token WHERE no = @no AND {IsLive}
                  AND EXISTS (SELECT 1 FROM account a WHERE a.no = account_no AND a.deleted_at IS NULL)
                """,
                ("@no", token.No), ("@now", now)),
            cancellationToken) is not null;
    }

    /// <summary>Newest first: at most twice <see cref="PerAccountMax"/>.</summary>
    public ValueTask<List<PersonalToken>> ListAsync(AccountNo account, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.List($"{Columns} WHERE t.account_no = @account ORDER BY t.no DESC", Read, ("@account", account.Value)), cancellationToken);

    /// <returns>Its number; null where the account has none of this id.</returns>
    public Task<long?> RevokeAsync(AccountNo account, string id, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            scope.Sql.Execute(
                "UPDATE personal_token SET revoked_at = @now WHERE account_no = @account AND id = @id AND revoked_at IS NULL",
                ("@now", scope.Now.Micros), ("@account", account.Value), ("@id", id));
            return scope.Sql.FindNumber("SELECT no FROM personal_token WHERE account_no = @account AND id = @id", ("@account", account.Value), ("@id", id));
        },
        cancellationToken);

    /// <summary>Part of another write: a member's key was stolen, and what was made for his workspace alone goes with it.</summary>
    /// <returns>The numbers of those that ended.</returns>
    public static List<long> RevokeFor(WriteScope scope, MemberNo member) => scope.Sql.List(
        """
        UPDATE personal_token SET revoked_at = @now
        WHERE revoked_at IS NULL AND mesh_no = (SELECT mesh_no FROM member WHERE no = @member) AND account_no = (SELECT account_no FROM member WHERE no = @member)
        RETURNING no
        """,
        static row => row.GetInt64(0), ("@now", scope.Now.Micros), ("@member", member.Value));

    /// <summary>Part of the write that deletes the account.</summary>
    public static void DeleteAll(WriteScope scope, AccountNo account) =>
        scope.Sql.Execute("DELETE FROM personal_token WHERE account_no = @account", ("@account", account.Value));

    /// <param name="uses">Numbers of tokens and when each was last used, at most a thousand.</param>
    public Task NoteUsesAsync(IReadOnlyList<KeyValuePair<long, Instant>> uses, CancellationToken cancellationToken) => database.WriteAsync(
        scope =>
        {
            foreach ((long no, Instant at) in uses)
                scope.Sql.Execute("UPDATE personal_token SET last_used_at = @at WHERE no = @no", ("@at", at.Micros), ("@no", no));
            return true;
        },
        cancellationToken);

    /// <summary>So that who makes and ends tokens without an end does not fill the database with them.</summary>
    private static void DropOldest(WriteScope scope, AccountNo account) => scope.Sql.Execute(
        $"""
        DELETE FROM personal_token WHERE no IN (
          SELECT no FROM personal_token WHERE account_no = @account AND NOT ({IsLive}) ORDER BY no DESC LIMIT 10 OFFSET @kept)
        """,
        ("@account", account.Value), ("@now", scope.Now.Micros), ("@kept", (long)PerAccountMax));

    private static PersonalToken? Find(Sql sql, byte[] hash) => sql.Find($"{Columns} WHERE t.hash = @hash", Read, ("@hash", hash));

    private static PersonalToken Read(SqlRow row) => new(
        row.GetInt64(0),
        row.GetString(1),
        new AccountNo(row.GetInt64(2)),
        row.GetString(3),
        row.GetString(4),
        (KeyCapabilities)row.GetInt64(5),
        row.Int64OrNull(6) is { } mesh ? new MeshNo(mesh) : null,
        new Instant(row.GetInt64(7)).ToTime(),
        new Instant(row.GetInt64(8)).ToTime(),
        TimeOrNull(row.Int64OrNull(9)),
        TimeOrNull(row.Int64OrNull(10)),
        row.TextOrNull(11));

    private static DateTimeOffset? TimeOrNull(long? micros) => micros is { } at ? new Instant(at).ToTime() : null;
}
