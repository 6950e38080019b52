using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Accounts;

/// <summary>Accounts that are not deleted, by id and by name.</summary>
internal sealed class AccountStore(Database database)
{
    public const string Columns =
        "a.no, a.user_id, a.username, a.display_name, a.email, a.email_verified_at, a.is_operator, a.created_at";

    public ValueTask<Account?> FindAsync(UserId id, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.Find($"SELECT {Columns} FROM account a WHERE a.user_id = @id AND a.deleted_at IS NULL", Read, ("@id", id.Value)),
        cancellationToken);

    public ValueTask<Account?> FindByNameAsync(string usernameKey, CancellationToken cancellationToken) => database.ReadAsync(
        (Sql sql) => sql.Find($"SELECT {Columns} FROM account a WHERE a.username_key = @key AND a.deleted_at IS NULL", Read, ("@key", usernameKey)),
        cancellationToken);

    public ValueTask<bool> AnyAsync(CancellationToken cancellationToken) =>
        database.ReadAsync((Sql sql) => Any(sql), cancellationToken);

    /// <summary>Whether there has ever been one, deleted ones too.</summary>
    public static bool Any(Sql sql) => sql.FindNumber("SELECT 1 FROM account LIMIT 1") is not null;

    public static Account? Find(Sql sql, AccountNo no) => sql.Find(
        $"SELECT {Columns} FROM account a WHERE a.no = @no AND a.deleted_at IS NULL", Read, ("@no", no.Value));

    /// <summary>Part of the write that stores what it is signed in with.</summary>
    /// <returns>Null where the name is taken.</returns>
    public static Account? Add(WriteScope scope, NewAccount account)
    {
        long? no = scope.Sql.FindNumber(
            """
            INSERT INTO account (user_id, username, username_key, display_name, email, is_operator, created_at)
            VALUES (@id, @username, @key, @name, @email, @operator, @now) ON CONFLICT (username_key) DO NOTHING RETURNING no
            """,
            ("@id", account.Id.Value), ("@username", account.Username), ("@key", account.UsernameKey), ("@name", account.DisplayName),
            ("@email", account.Email), ("@operator", account.IsOperator ? 1L : 0L), ("@now", scope.Now.Micros));
        return no is { } added ? Find(scope.Sql, new AccountNo(added)) : null;
    }

    /// <summary>Reads <see cref="Columns"/>.</summary>
    public static Account Read(SqlRow row) => new(
        new AccountNo(row.GetInt64(0)),
        UserId.Parse(row.GetString(1)),
        row.GetString(2),
        row.GetString(3),
        row.TextOrNull(4),
        row.Int64OrNull(5) is { } verified ? new Instant(verified).ToTime() : null,
        row.GetInt64(6) != 0,
        new Instant(row.GetInt64(7)).ToTime());
}
