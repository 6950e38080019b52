using Claudemesh.Local;
using Claudemesh.TestKit;
using Microsoft.Data.Sqlite;

namespace Claudemesh.Daemon.Tests.Objects;

/// <summary>What a daemon shows when the broker gives something else than was written. The lies are told in the broker's own database.</summary>
public sealed class LyingBrokerTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(TestPostgres.IsEverywhere, "the file is changed where there is one");
        broker = await TestBroker.StartAsync();
        (alice, bob) = await RunningDaemon.StartAliceAndBobAsync(broker.Url.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        if (broker is null)
            return;

        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task A_broker_that_replays_an_older_revision_is_not_believed_and_it_is_told()
    {
        await alice.SetAsync("k", "1");
        await bob.SeesAsync("k", _ => true);
        byte[][] old = Copy();
        await alice.SetAsync("k", "2");
        await alice.SetAsync("other", "1");
        await bob.SeesAsync("other", _ => true);

        await TellLieAsync("""
            UPDATE object SET revision = 1, header = $header, nonce = $nonce, body = $body, change_no = 100 WHERE name = 'k';
            UPDATE object_change SET last = 100;
            """, old);

        await bob.SeesAsync("k", seen => seen.Trouble is not null);
        SharedState seen = (await bob.FindStateAsync("k"))!;
        Assert.Equal((2, 2), (seen.Value!.Value.GetInt32(), seen.Revision));
        Assert.Equal("the broker gives an older revision than was seen here; this one stays", seen.Trouble);
        Assert.Contains("older than seen", await File.ReadAllTextAsync(bob.Home.LogFile), StringComparison.Ordinal);

        // What is written next is above what was seen, and then everybody agrees again.
        Assert.Equal(3, (await bob.SetAsync("k", "3")).Revision);
        await alice.SeesAsync("k", after => after is { Revision: 3, Trouble: null });
    }

    [Fact]
    public async Task A_broker_that_was_restored_from_a_backup_is_compared_with_what_was_seen()
    {
        await alice.SetAsync("k", "1");
        await bob.SeesAsync("k", _ => true);
        await broker.StopAsync();
        Dictionary<string, byte[]> backup = Directory.GetFiles(broker.DataFolder, "broker.db*").ToDictionary(file => file, File.ReadAllBytes);
        await broker.StartAgainAsync();
        await Eventually.TrueAsync("it can be written", async () => (await alice.Client.ChangeStateAsync(new ChangeState("k", Keeping.Json("2")), default)).Succeeded);
        await alice.SetAsync("later", "1");
        await bob.SeesAsync("later", _ => true);

        await broker.StopAsync();
        foreach (string file in Directory.GetFiles(broker.DataFolder, "broker.db*"))
            File.Delete(file);
        foreach ((string file, byte[] bytes) in backup)
            await File.WriteAllBytesAsync(file, bytes);
        await broker.StartAgainAsync();

        await bob.SeesAsync("k", seen => seen.Trouble is not null);
        Assert.Equal(2, (await bob.FindStateAsync("k"))!.Value!.Value.GetInt32());
        Assert.Equal(1, (await bob.FindStateAsync("later"))!.Value!.Value.GetInt32());
    }

    [Fact]
    public async Task A_value_that_is_given_under_another_name_is_not_shown()
    {
        await alice.SetAsync("salary", "1");
        await bob.SeesAsync("salary", _ => true);
        await TellLieAsync("UPDATE object SET name = 'bonus', change_no = 100 WHERE name = 'salary'; UPDATE object_change SET last = 100;");
        await alice.SetAsync("after", "1");
        await bob.SeesAsync("after", _ => true);

        Assert.Null(await bob.FindStateAsync("bonus"));
        Assert.Contains("bonus", await File.ReadAllTextAsync(bob.Home.LogFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_with_a_bit_changed_is_not_shown_and_the_one_before_stays()
    {
        await alice.SetAsync("k", "\"true\"");
        await bob.SeesAsync("k", _ => true);
        await bob.StopAsync();
        await alice.SetAsync("k", "\"newer\"");
        await TellLieAsync("UPDATE object SET body = substr(body, 1, length(body) - 1) || x'00' WHERE name = 'k';");
        await bob.RestartAsync();

        await bob.SeesAsync("k", seen => seen.Trouble is not null);
        SharedState seen = (await bob.FindStateAsync("k"))!;
        Assert.Equal(("true", 1), (seen.Value!.Value.GetString(), seen.Revision));
        Assert.Equal("what the broker gives is not shown: does not open", seen.Trouble);
    }

    [Fact]
    public async Task A_value_that_the_broker_calls_deleted_is_still_there()
    {
        await alice.SetAsync("k", "1");
        await bob.SeesAsync("k", _ => true);
        await bob.StopAsync();
        await alice.SetAsync("k", "2");
        await TellLieAsync("UPDATE object SET deleted = 1 WHERE name = 'k';");
        await bob.RestartAsync();

        await bob.SeesAsync("k", seen => seen is { Revision: 2, Deleted: false });
    }

    private byte[][] Copy()
    {
        using SqliteConnection connection = Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT header, nonce, body FROM object WHERE name = 'k'";
        using SqliteDataReader row = command.ExecuteReader();
        Assert.True(row.Read());
        return [row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1), row.GetFieldValue<byte[]>(2)];
    }

    private async Task TellLieAsync(string sql, byte[][]? old = null)
    {
        await broker.StopAsync();
        await using (SqliteConnection connection = Open())
        {
            await using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The texts are this test's.
            command.CommandText = sql;
#pragma warning restore CA2100
            if (old is [var header, var nonce, var body])
            {
                command.Parameters.AddWithValue("$header", header);
                command.Parameters.AddWithValue("$nonce", nonce);
                command.Parameters.AddWithValue("$body", body);
            }

            await command.ExecuteNonQueryAsync();
        }

        await broker.StartAgainAsync();
        await Eventually.TrueAsync("alice is back", async () => (await Ok.Async(alice.Client.ListWorkspacesAsync(default))).Workspaces[0].State == ConnectionStates.Open);
    }

    private SqliteConnection Open()
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = Path.Combine(broker.DataFolder, "broker.db"), Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}
