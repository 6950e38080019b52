using Claudemesh.Daemon.Storage;
using Microsoft.Data.Sqlite;

namespace Claudemesh.Daemon.Tests.Storage;

public sealed class DaemonDatabaseTests : IDisposable
{
    private readonly TempHome home = new();

    public void Dispose() => home.Dispose();

    [Fact]
    public async Task What_was_written_is_there_after_opening_again()
    {
        await using (DaemonDatabase first = Open())
            await first.WriteAsync(sql => sql.Execute("INSERT INTO setting VALUES ('a', 'b')"), CancellationToken.None);

        await using DaemonDatabase second = Open();
        Assert.Equal("b", second.Read(sql => sql.Find("SELECT value FROM setting WHERE name = 'a'", row => row.GetString(0))));
    }

    [Fact]
    public async Task A_write_that_fails_leaves_its_neighbours_in_the_same_transaction_alone()
    {
        await using DaemonDatabase database = Open();
        await database.WriteAsync(sql => sql.Execute("INSERT INTO setting VALUES ('taken', '')"), CancellationToken.None);

        Task[] writes = [.. Enumerable.Range(0, 100).Select(i => database.WriteAsync(
            sql => sql.Execute("INSERT INTO setting VALUES ($1, '')", i == 50 ? "taken" : $"n{i}"), CancellationToken.None))];

        await Assert.ThrowsAsync<SqliteException>(() => writes[50]);
        await Task.WhenAll(writes.Where((_, i) => i != 50));
        Assert.Equal(100, database.Read(sql => sql.Number("SELECT COUNT(*) FROM setting")));
    }

    [Fact]
    [Trait("cli", "7 secrets: a folder that others can read")]
    public async Task Every_file_of_the_database_is_for_its_owner_alone()
    {
        await using DaemonDatabase database = Open();
        await database.WriteAsync(sql => sql.Execute("INSERT INTO setting VALUES ('a', 'b')"), CancellationToken.None);

        string[] files = Directory.GetFiles(home.Folder);
        Assert.Contains(files, file => file.EndsWith("-wal", StringComparison.Ordinal));
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    [Fact]
    [Trait("cli", "7 secrets: texts that stay in the file")]
    public async Task A_deleted_text_is_nowhere_in_the_file()
    {
        const string Text = "the canary sings at noon";
        await using (DaemonDatabase database = Open())
        {
            await database.WriteAsync(sql => sql.Execute("INSERT INTO setting VALUES ('secret', $1)", Text), CancellationToken.None);
            await database.WriteAsync(sql => sql.Execute("DELETE FROM setting WHERE name = 'secret'"), CancellationToken.None);
        }

        Assert.DoesNotContain(Text, System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(home.Home.Database)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_script_that_was_changed_after_it_was_applied_stops_the_start_with_its_name()
    {
        using var sql = new Sql(home.Home.Database);
        Migrations.Apply(sql, TimeProvider.System, [("0001-a.sql", "CREATE TABLE a (x INTEGER)")]);

        InvalidDataException changed = Assert.Throws<InvalidDataException>(
            () => Migrations.Apply(sql, TimeProvider.System, [("0001-a.sql", "CREATE TABLE a (x TEXT)")]));
        Assert.Contains("0001-a.sql", changed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_of_a_newer_version_stops_the_start_with_the_name_of_what_is_missing()
    {
        using var sql = new Sql(home.Home.Database);
        Migrations.Apply(sql, TimeProvider.System, [("0001-a.sql", "CREATE TABLE a (x)"), ("0002-b.sql", "CREATE TABLE b (x)")]);

        InvalidDataException newer = Assert.Throws<InvalidDataException>(
            () => Migrations.Apply(sql, TimeProvider.System, [("0001-a.sql", "CREATE TABLE a (x)")]));
        Assert.Contains("0002-b.sql", newer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_script_that_fails_leaves_nothing_of_itself()
    {
        using var sql = new Sql(home.Home.Database);
        Assert.Throws<SqliteException>(() => Migrations.Apply(sql, TimeProvider.System, [("0001-a.sql", "CREATE TABLE a (x); CREATE TABLE a (x)")]));

        Assert.Equal(0, sql.Number("SELECT COUNT(*) FROM sqlite_master WHERE name = 'a'"));
        Assert.Equal(0, sql.Number("SELECT COUNT(*) FROM migration"));
    }

    private DaemonDatabase Open() => DaemonDatabase.Open(home.Home.Database, TimeProvider.System);
}
