using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Claudemesh.Broker.Storage;

/// <summary>Turns SQLite's result codes into the exception that Microsoft.Data.Sqlite throws too, so that there is one kind.</summary>
internal static class SqliteFailure
{
    // ENOSPC, as an IOException carries it.
    private const int NoSpace = 28;

    public static void ThrowUnless(bool fine, sqlite3 connection, int? result = null)
    {
        if (!fine)
            throw Of(connection, result ?? raw.sqlite3_extended_errcode(connection));
    }

    public static SqliteException Of(sqlite3 connection, int result) =>
        new($"SQLite error {result}: {raw.sqlite3_errmsg(connection).utf8_to_string()}", result & 0xff, result);

    /// <summary>Why the database in <paramref name="folder"/> cannot be opened, for the operator.</summary>
    public static DatabaseOpenException WhyNotOpened(string folder, Exception failure) => failure switch
    {
        SqliteException { SqliteErrorCode: raw.SQLITE_FULL } or IOException { HResult: NoSpace } => new(
            DatabaseFault.Disk, $"The disk of {folder} is full. Free some space there (`df -h {folder}`); nothing that was acknowledged is lost.", failure),
        UnauthorizedAccessException => new(
            DatabaseFault.Permission, $"The data folder {folder} may not be written by this user. Give it to him, or name another with --data.", failure),
        MigrationException other => new(DatabaseFault.Unfit, $"The database in {folder} is of another version of the broker: {other.Message}", failure),
        _ => new(DatabaseFault.Disk, $"The database in {folder} cannot be written: {failure.Message.TrimEnd('.')}. Name another folder with --data, or mend that one.", failure),
    };

    /// <summary>The rows contradict a key or a check: the writer's mistake, not the disk's.</summary>
    public static bool IsConstraint(this SqliteException failure) => failure.SqliteErrorCode == raw.SQLITE_CONSTRAINT;
}
