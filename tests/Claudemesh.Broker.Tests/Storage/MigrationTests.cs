using Claudemesh.Broker.Storage;
using Microsoft.Data.Sqlite;

namespace Claudemesh.Broker.Tests.Storage;

public sealed class MigrationTests : IDisposable
{
    private static readonly Migration First = new("0001-first.sql", "CREATE TABLE one (no {number});");
    private static readonly Migration Second = new("0002-second.sql", "CREATE TABLE two (no {rowkey}, data {bytes}) {clustered};");
    private static readonly Migration Third = new("0003-third.sql", "CREATE TABLE three (no BIGINT PRIMARY KEY);");

    private readonly DirectoryInfo folder = System.IO.Directory.CreateTempSubdirectory("claudemesh-migrations-");

    private string Path => System.IO.Path.Combine(folder.FullName, "broker.db");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task A_new_file_gets_every_migration_and_only_its_owner_may_read_it()
    {
        using TestDatabase database = new();

        Assert.Equal(Migrations.Embedded.Count(static file => file.IsFor(Dialect.Sqlite)), await database.NumberAsync("SELECT count(*) FROM schema_migration"));
        Assert.Equal(0, await database.NumberAsync("SELECT count(*) FROM message"));
        foreach (string file in (string[])[database.Path, database.Path + "-wal"])
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public async Task Opening_twice_applies_nothing_twice()
    {
        using TestDatabase database = new();
        database.Reopen();

        Assert.Equal(Migrations.Embedded.Count(static file => file.IsFor(Dialect.Sqlite)), await database.NumberAsync("SELECT count(*) FROM schema_migration"));
    }

    [Fact]
    public void A_later_program_adds_what_is_new()
    {
        Open(First, Second);
        Open(First, Second, Third);

        using SqliteSession session = SqliteSession.OpenReader(Path);
        Assert.Equal(0, session.Sql.FindNumber("SELECT count(*) FROM three"));
    }

    [Fact]
    public void A_changed_file_stops_the_start_by_name()
    {
        Open(First, Second);

        MigrationException refusal = Assert.Throws<MigrationException>(
            () => Open(First, Second with { Sql = Second.Sql + " -- better" }));

        Assert.Equal("0002-second.sql", refusal.FileName);
        Assert.Contains("0002-second.sql was changed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_stops_the_start_by_name()
    {
        Open(First, Second);

        Assert.Equal("0002-second.sql", Assert.Throws<MigrationException>(() => Open(First)).FileName);
        Assert.Equal("0002-second.sql", Assert.Throws<MigrationException>(() => Open(First, Third)).FileName);
    }

    [Fact]
    public void A_file_that_comes_before_an_applied_one_stops_the_start_by_name()
    {
        Open(First, Third);

        Assert.Equal("0002-second.sql", Assert.Throws<MigrationException>(() => Open(First, Second, Third)).FileName);
    }

    [Fact]
    public void Two_files_of_one_number_stop_the_start()
    {
        Assert.Equal("0002-other.sql", Assert.Throws<MigrationException>(
            () => Open(First, Second, new Migration("0002-other.sql", "SELECT 1;"))).FileName);
    }

    [Fact]
    public void A_file_without_a_number_is_refused()
    {
        Assert.Throws<MigrationException>(() => new Migration("first.sql", "SELECT 1;").Number);
    }

    [Fact]
    public void A_migration_that_fails_leaves_the_database_as_it_was()
    {
        Assert.ThrowsAny<Exception>(() => Open(First, Second, Third with { Sql = Third.Sql + "CREATE TABLE three (no INT);" }));

        Open(First);
    }

    [Fact]
    public void Line_ends_do_not_count_as_a_change()
    {
        Migration unix = new("0001-first.sql", "CREATE TABLE one (\n  no {number}\n);\n");
        Open(unix);

        Open(unix with { Sql = unix.Sql.ReplaceLineEndings("\r\n") });
    }

    [Fact]
    public async Task Two_programs_that_start_at_once_apply_each_migration_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Open(First, Second, Third))));

        using SqliteSession session = SqliteSession.OpenReader(Path);
        Assert.Equal(3, session.Sql.FindNumber("SELECT count(*) FROM schema_migration"));
    }

    [Fact]
    [Trait("issue", "1")]
    public async Task A_program_that_starts_while_another_writes_to_a_new_file_waits_for_it()
    {
        // SQLite refuses to switch a file to the write-ahead log while somebody else writes to it, and does not wait by itself.
        // Whether the two really meet is up to the machine: hence ten times.
        for (int round = 0; round < 10; round++)
        {
            string path = System.IO.Path.Combine(folder.FullName, $"round-{round}.db");
            using SqliteConnection other = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            other.Open();
            Run(other, "BEGIN IMMEDIATE; CREATE TABLE theirs (no INTEGER PRIMARY KEY);");
            TaskCompletionSource starting = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Task opening = Task.Run(() =>
            {
                starting.SetResult();
                Open(path, First, Second);
            });
            await starting.Task;
            Run(other, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) INSERT INTO theirs SELECT i FROM n; COMMIT");
            await opening;

            using SqliteSession session = SqliteSession.OpenReader(path);
            Assert.Equal(2, session.Sql.FindNumber("SELECT count(*) FROM schema_migration"));
        }
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private void Open(params Migration[] files) => Open(Path, files);

    private static void Open(string path, params Migration[] files)
    {
        using SqliteSession session = SqliteSession.OpenWriter(path, checkpointPages: 1_000);
        Migrations.Apply(session, files, Dialect.Sqlite, TimeProvider.System.GetInstant());
    }
}
