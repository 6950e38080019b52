using System.Text;
using Claudemesh.Local;
using Claudemesh.TestKit;
using Microsoft.Data.Sqlite;

namespace Claudemesh.Daemon.Tests.Objects;

/// <summary>Texts that members keep in common, and how they are found. Two daemons and the broker itself.</summary>
public sealed class MemoryTests : IAsyncLifetime
{
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;
    private RunningDaemon bob = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        (alice, bob) = await RunningDaemon.StartAliceAndBobAsync(broker.Url.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await bob.DisposeAsync();
        await alice.DisposeAsync();
        await broker.DisposeAsync();
    }

    [Fact]
    public async Task What_one_keeps_another_finds_best_first_by_words_and_by_tag_also_without_a_broker()
    {
        await alice.KeepAsync("The staging database listens on port 5433", "db", "infra");
        await alice.KeepAsync("Deploys happen on Fridays; the database is migrated first, the database", "ops");
        await alice.KeepAsync("Nothing of it");
        await Eventually.TrueAsync("bob has all", async () => (await bob.RecallAsync(null)).Length == 3);
        await broker.StopAsync();

        Assert.Equal("The staging database listens on port 5433", (await bob.RecallAsync("staging DATABASES"))[0]);
        Assert.Equal(["Deploys happen on Fridays; the database is migrated first, the database"], await bob.RecallAsync("friday"));
        Assert.Equal(["The staging database listens on port 5433"], await bob.RecallAsync("database", tag: "infra"));
        Assert.Equal(["Nothing of it", "Deploys happen on Fridays; the database is migrated first, the database"], await bob.RecallAsync(null, limit: 2));
        Assert.Equal(2, (await bob.RecallAsync("port fridays nowhere")).Length);
        Assert.Equal(["The staging database listens on port 5433"], await bob.RecallAsync("stag"));
        Assert.Empty(await bob.RecallAsync("absent"));
    }

    [Theory]
    [InlineData("it's 100% \"done\" (or NOT)")]
    [InlineData("*")]
    [InlineData("text:done AND")]
    [InlineData("\" OR rowid > 0 --")]
    [InlineData("^done - {a b} : NEAR(x y)")]
    [InlineData("日本語 éèà \u0301 🦊")]
    [InlineData("\0\u0001;%_")]
    public async Task A_query_of_any_characters_is_its_words_and_nothing_else(string query)
    {
        await alice.KeepAsync("quite done");
        Assert.DoesNotContain("error", string.Join(' ', await alice.RecallAsync(query)), StringComparison.Ordinal);
        Assert.Equal(["quite done"], await alice.RecallAsync("done " + query));
    }

    [Theory]
    [InlineData("repo:billing")]
    [InlineData("***")]
    [InlineData("a \"b\" c")]
    [InlineData("日本")]
    public async Task A_tag_of_any_characters_is_looked_for_as_it_is(string tag)
    {
        await alice.KeepAsync("with it", tag, "other");
        await alice.KeepAsync("without it", "repo:billing:two", "**", "b");

        Assert.Equal(["with it"], await alice.RecallAsync("it", tag));
        Assert.Equal(["with it"], await alice.RecallAsync(null, tag));
        Assert.Empty(await alice.RecallAsync("it", tag + "x"));
    }

    [Fact]
    public async Task Accents_and_letter_case_do_not_matter()
    {
        await alice.KeepAsync("Das Café öffnet um acht");
        Assert.Single(await alice.RecallAsync("CAFE"));
        Assert.Single(await alice.RecallAsync("offnet"));
    }

    [Fact]
    [Trait("cli", "7 secrets: texts that stay in the file")]
    public async Task What_is_forgotten_is_found_by_nobody_and_is_in_no_file_any_more()
    {
        const string Canary = "canaryword7f3a";
        Memory kept = await alice.KeepAsync($"the secret is {Canary}", "t");
        await Eventually.TrueAsync("bob has it", async () => (await bob.RecallAsync(Canary)).Length == 1);
        Assert.Contains(Files(alice), file => Has(file, Canary));

        ForgottenMemory forgotten = await Ok.Async(bob.Client.ForgetMemoryAsync(kept.Id[..8], null, default));
        await Eventually.TrueAsync("alice has it no more", async () => (await alice.RecallAsync(Canary)).Length == 0);

        Assert.Equal(kept.Id, forgotten.Id);
        foreach (RunningDaemon daemon in new[] { alice, bob })
            await Eventually.TrueAsync("it is in no file", () => !Files(daemon).Any(file => Has(file, Canary)));
        Assert.Equal(LocalErrors.MemoryNotFound, (await alice.Client.ForgetMemoryAsync(kept.Id, null, default)).Problem?.Error);
    }

    [Fact]
    [Trait("cli", "7 ids: a write that is done twice")]
    public async Task The_same_memory_asked_to_be_kept_twice_is_kept_once()
    {
        string id = Guid.NewGuid().ToString("N");
        Memory first = await Ok.Async(alice.Client.KeepMemoryAsync(new KeepMemory("once", Id: id), default));
        Memory second = await Ok.Async(alice.Client.KeepMemoryAsync(new KeepMemory("once", Id: id), default));
        LocalReply<Memory> other = await alice.Client.KeepMemoryAsync(new KeepMemory("something else", Id: id), default);

        Assert.Equal((first.Id, first.WrittenAt), (second.Id, second.WrittenAt));
        Assert.Equal(LocalErrors.RevisionConflict, other.Problem?.Error);
        Assert.Equal(["once"], await alice.RecallAsync(null));
    }

    [Fact]
    public async Task What_is_no_memory_and_no_tag_is_refused()
    {
        Assert.Equal("A memory is not empty.", (await alice.Client.KeepMemoryAsync(new KeepMemory(" \n"), default)).Problem?.Detail);
        Assert.Contains("is no tag: that is 1 to 96 characters on one line", (await alice.Client.KeepMemoryAsync(new KeepMemory("x", ["a\nb"]), default)).Problem?.Detail, StringComparison.Ordinal);
        Assert.Equal((int)ExitCode.BadArguments, (await alice.Client.KeepMemoryAsync(new KeepMemory("x", [new string('t', 97)]), default)).Problem?.ExitCode);
        Assert.Equal((int)ExitCode.BadArguments, (await alice.Client.ForgetMemoryAsync("short", null, default)).Problem?.ExitCode);
        Assert.Equal((int)ExitCode.BadArguments, (await alice.Client.ListMemoriesAsync(null, null, null, 0, default)).Problem?.ExitCode);
    }

    [Fact]
    public async Task A_long_text_in_any_script_is_kept_whole()
    {
        string text = string.Concat(Enumerable.Repeat("日本語のメモ ", 4_000));
        await alice.KeepAsync(text);
        await Eventually.TrueAsync("bob has it whole", async () => (await bob.RecallAsync(null)) is [var found] && found == text);
    }

    [Fact]
    public async Task A_word_that_is_in_very_many_is_answered_by_those_that_came_last_and_a_rare_one_by_all()
    {
        await alice.KeepAsync("common and rareword");
        await alice.StopAsync();
        await using (SqliteConnection connection = new(new SqliteConnectionStringBuilder { DataSource = alice.Home.Database, Pooling = false }.ToString()))
        {
            await connection.OpenAsync();
            await using SqliteCommand fill = connection.CreateCommand();
            fill.CommandText =
                """
                WITH RECURSIVE number (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM number WHERE i < 11000)
                INSERT INTO object (workspace_no, kind, plain, name, revision, nonce, has_value, text, tags, author, written_by, written_at)
                SELECT 1, 'memory', 0, 'filled-' || i, 1, x'00', 1, 'common ' || i, '[]', '', 'x', i FROM number
                """;
            await fill.ExecuteNonQueryAsync();
        }

        await alice.RestartAsync();

        Assert.Equal(20, (await alice.RecallAsync("common")).Length);
        Assert.Equal(["common and rareword"], await alice.RecallAsync("common rareword"));
        Assert.Equal(["common 17"], await alice.RecallAsync("common 17"));
    }

    private static string[] Files(RunningDaemon daemon) => [daemon.Home.Database, daemon.Home.Database + "-wal"];

    private static bool Has(string file, string text) => File.ReadAllText(file, Encoding.Latin1).Contains(text, StringComparison.Ordinal);
}
