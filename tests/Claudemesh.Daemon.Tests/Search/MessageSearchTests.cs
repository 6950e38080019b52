using System.Text;
using Claudemesh.Daemon.Search;
using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Search;

/// <summary>Looking for messages at a daemon's door: what is typed is words and nothing else, and every nonsense has its answer.</summary>
public sealed class MessageSearchTests : IAsyncLifetime
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
    public async Task What_others_wrote_and_what_one_wrote_oneself_is_found_also_without_a_broker()
    {
        await Ok.Async(alice.Client.CreateTopicAsync(new CreateTopic("deploys", "what goes out"), default));
        await Ok.Async(bob.Client.JoinTopicAsync(new JoinTopic("deploys"), default));
        await SendAsync(alice, "bob", "the Migration is through");
        await SendAsync(alice, "#deploys", "migrations are next");
        await SendAsync(bob, "alice", "which migration?");
        await Eventually.TrueAsync("both have all of it", async () =>
            (await FindAsync(bob, "migrat")).Messages.Count == 3 && (await FindAsync(alice, "migrat")).Messages.Count == 3);
        await broker.StopAsync();

        FoundMessage[] found = [.. (await FindAsync(bob, "migrat")).Messages.OrderBy(one => one.Kind, StringComparer.Ordinal)];
        Assert.Equal(["inbox", "post", "sent"], found.Select(one => one.Kind));
        Assert.Equal([("alice", "member", false), ("alice", "#deploys", false), ("bob", "alice", true)], found.Select(one => (one.Sender, one.To, one.Own)));
        Assert.All(found, one => Assert.Equal(("acme", true, true), (one.Workspace, one.Encrypted, one.Verified)));
        Assert.Equal("deploys", found[1].Topic);

        Assert.Equal(["migrations are next"], Texts(await FindAsync(bob, "migration", topic: "#deploys")));
        Assert.Equal(["which migration?"], Texts(await FindAsync(bob, "migration", from: "BOB")));
        SearchResult named = await FindAsync(bob, "deploy");
        Assert.Equal(("deploys", 0, true), (Assert.Single(named.Topics).Name, named.Messages.Count, named.Complete));
        Assert.Equal("deploys", Assert.Single((await FindAsync(bob, "goes what")).Topics).Name);
        Assert.Empty((await FindAsync(bob, "deploy", from: "alice")).Topics);
    }

    [Theory]
    [InlineData("it's 100% \"done\" (or NOT)")]
    [InlineData("body:done AND done")]
    [InlineData("\" OR rowid > 0 --")]
    [InlineData("^done - {a b} : NEAR(done a, 5)")]
    [InlineData("done* +done \\ ' ; DROP TABLE inbox")]
    [InlineData("done \u0301 \0\u0001;%_")]
    public async Task A_search_of_any_characters_is_its_words_and_nothing_else(string typed)
    {
        await SendAsync(bob, "alice", "quite done");
        await SendAsync(bob, "alice", "it s 100 done or not rowid body and a b near 5 drop table inbox 0");
        Assert.DoesNotContain("quite done", Texts(await FindAsync(bob, typed + " absentword")));
        SearchResult found = await FindAsync(bob, typed);
        Assert.Contains(found.Messages, message => message.Text.EndsWith('0') || message.Text == "quite done");
        Assert.Equal(["quite done"], Texts(await FindAsync(bob, "quite \"don% _*")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   \n")]
    [InlineData("%")]
    [InlineData("_ * \" ' ( ) - : ^")]
    [InlineData("🦊 \u0301")]
    public async Task What_has_no_word_is_refused_and_says_what_a_word_is(string typed)
    {
        LocalProblem problem = (await bob.Client.SearchAsync(new SearchMessages(typed), default)).Problem!;
        Assert.Equal((LocalErrors.InvalidRequest, 400, (int)ExitCode.BadArguments), (problem.Error, problem.Status, problem.ExitCode));
        Assert.Contains("words are letters and digits", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_too_long_too_much_or_not_there_is_refused()
    {
        foreach ((SearchMessages search, string error, int status) in new[]
        {
            (new SearchMessages(new string('x', LocalLimits.QueryCharsMax + 1)), LocalErrors.InvalidRequest, 400),
            (new SearchMessages(new string('x', 1024 * 1024)), LocalErrors.PayloadTooLarge, 413),
            (new SearchMessages("x", From: new string('x', 1024 * 1024)), LocalErrors.PayloadTooLarge, 413),
            (new SearchMessages("x", From: " "), LocalErrors.InvalidRequest, 400),
            (new SearchMessages("x", Limit: 0), LocalErrors.InvalidRequest, 400),
            (new SearchMessages("x", Limit: -1), LocalErrors.InvalidRequest, 400),
            (new SearchMessages("x", Limit: LocalLimits.FoundMax + 1), LocalErrors.InvalidRequest, 400),
            (new SearchMessages("x", Topic: "nowhere"), LocalErrors.TopicNotFound, 404),
            (new SearchMessages("x", Topic: " "), LocalErrors.InvalidRequest, 400),
            (new SearchMessages("x", Workspace: "nowhere"), LocalErrors.WorkspaceNotFound, 404),
        })
        {
            LocalProblem? problem = (await bob.Client.SearchAsync(search, default)).Problem;
            Assert.Equal((error, status), (problem?.Error, problem?.Status));
        }

        Assert.True((await bob.Client.SearchAsync(new SearchMessages(string.Concat(Enumerable.Repeat("é ", LocalLimits.QueryCharsMax / 2))), default)).Succeeded);
        Assert.True((await bob.Client.SearchAsync(new SearchMessages(new string('x', LocalLimits.QueryCharsMax)), default)).Succeeded);
    }

    [Fact]
    [Trait("cli", "7 secrets: texts that stay in the file")]
    public async Task What_is_deleted_is_found_no_more_and_its_words_are_in_no_file()
    {
        const string Canary = "canaryword9c1e";
        await SendAsync(alice, "bob", $"The {Canary.ToUpperInvariant()} sings");
        await Eventually.TrueAsync("it is found", async () => (await FindAsync(bob, Canary)).Messages.Count == 1);
        Assert.Contains(Files(), file => Has(file, Canary));

        Assert.Equal(1, (await Ok.Async(bob.Client.FlushInboxAsync(null, null, null, all: true, default))).Removed);

        Assert.Empty((await FindAsync(bob, Canary)).Messages);
        await Eventually.TrueAsync("it is in no file", () => !Files().Any(file => Has(file, Canary) || Has(file, Canary.ToUpperInvariant())));
    }

    [Fact]
    public async Task A_long_text_is_shown_about_the_word_that_was_found()
    {
        await SendAsync(bob, "alice", $"{string.Concat(Enumerable.Repeat("filler ", 300))}the\n Nëedle is \e[31mhere {string.Concat(Enumerable.Repeat("🦊 ", 300))}");
        FoundMessage found = Assert.Single((await FindAsync(bob, "needl")).Messages);
        Assert.Contains("the Nëedle is ", found.Excerpt, StringComparison.Ordinal);
        Assert.InRange(found.Excerpt.Length, Excerpt.CharsMax / 2, Excerpt.CharsMax + 2);
        Assert.DoesNotContain(found.Excerpt, char.IsControl);
        Assert.True(found.Excerpt is ['…', .., '…']);
        Assert.Equal(found.Excerpt, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(found.Excerpt)));
    }

    private static async Task SendAsync(RunningDaemon from, string to, string text) =>
        await Ok.Async(from.Client.SendAsync(new SendMessage(to, text, Wait: "accepted"), default));

    private static Task<SearchResult> FindAsync(RunningDaemon daemon, string words, string? topic = null, string? from = null) =>
        Ok.Async(daemon.Client.SearchAsync(new SearchMessages(words, topic, from), default));

    private static IEnumerable<string> Texts(SearchResult found) => found.Messages.Select(one => one.Text);

    private static bool Has(string file, string text) => File.ReadAllText(file, Encoding.Latin1).Contains(text, StringComparison.Ordinal);

    private string[] Files() => [bob.Home.Database, bob.Home.Database + "-wal"];
}
