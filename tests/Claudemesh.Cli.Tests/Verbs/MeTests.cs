using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Verbs;

/// <summary>The verbs that tell a person what there is for him, over all of his workspaces.</summary>
public sealed class MeTests : IDisposable
{
    private static readonly MyWorkspace Acme = new(
        "acme", "Acme", "alice", "owner", Samples.AliceKey, "http://127.0.0.1:7900", ConnectionStates.Open, Desk.Now.AddDays(-9), 3, 1, 4, 12, 1);

    private static readonly MyTopic Deploys = new(
        "acme", Samples.Deploys.Id, "deploys", "what goes out", TopicVisibilities.Public, null, TopicRoles.Lead, 2, Desk.Now.AddMinutes(-3), "bob");

    private static readonly FoundMessage Posted = new(
        "acme", FoundKinds.Post, "deploys", Samples.Deploys.Id, Samples.FirstPost.Id, "c1", "bob", Samples.BobKey, false, "#deploys", "v2 is out\nwatch the graphs",
        "v2 is out watch the graphs", Encryptions.Member, true, true, Desk.Now.AddMinutes(-30));

    private readonly Desk desk = new();

    public void Dispose() => desk.Dispose();

    [Theory]
    [InlineData("me", "me")]
    [InlineData("me-topics", "me topics")]
    [InlineData("me-activity", "me activity --since 2h")]
    [InlineData("me-search", "me search v2 graphs")]
    public async Task A_verb_about_oneself_prints_what_its_golden_files_say(string name, string line)
    {
        await using ScriptedDaemon daemon = Scripted();

        Seen people = await desk.TypeAsync(line.Split(' '));
        Seen json = await desk.TypeAsync([.. line.Split(' '), "--json"]);

        Assert.Equal((ExitCode.Ok, "", ExitCode.Ok, ""), (people.Code, people.Error, json.Code, json.Error));
        Golden.Matches(name + ".txt", people.Output);
        Golden.Matches(name + ".json", json.Output);
    }

    [Fact]
    public async Task A_search_passes_on_what_was_typed_as_it_was_typed()
    {
        await using ScriptedDaemon daemon = Scripted();

        await desk.TypeAsync("me", "search", "100%", "\"x\" OR *", "--topic", "#deploys", "--from", "bob", "-w", "acme", "--limit", "3");

        Assert.Equal("""{"words":"100% \u0022x\u0022 OR *","topic":"#deploys","from":"bob","workspace":"acme","limit":3}""", daemon.Requests.Single().Body);
    }

    [Fact]
    public async Task A_search_without_a_word_or_with_too_many_characters_asks_nobody()
    {
        await using ScriptedDaemon daemon = Scripted();

        Seen none = await desk.TypeAsync("me", "search");
        Seen many = await desk.TypeAsync("me", "search", new string('x', LocalLimits.QueryCharsMax), "y");
        Seen limit = await desk.TypeAsync("me", "search", "x", "--limit", "201");

        Assert.Equal((ExitCode.BadArguments, ExitCode.BadArguments, ExitCode.BadArguments), (none.Code, many.Code, limit.Code));
        Assert.StartsWith("claudemesh: WORD has at most 4,096 characters.\n", many.Error, StringComparison.Ordinal);
        Assert.Empty(daemon.Requests);
    }

    [Fact]
    public async Task Only_topics_with_something_unread_are_listed_where_that_is_asked_for()
    {
        await using ScriptedDaemon daemon = Scripted();

        Seen seen = await desk.TypeAsync("me", "topics", "--unread", "--json=name");

        Assert.Equal("""{"schema_version":"1.0","topics":[{"name":"deploys"}],"totals":{"topics":3,"unread":2},"stale":[]}""" + "\n", seen.Output);
    }

    [Fact]
    public async Task What_is_empty_old_or_not_complete_is_said_in_words()
    {
        StaleWorkspace away = new("acme", null, "Nobody answers there.");
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("GET", LocalRoutes.Me, new MyOverview([], new(0, 0, 0, 0, 0), [away]), LocalJson.Default.MyOverview)
            .Answers("GET", LocalRoutes.MyTopics, new MyTopicList([], new(0, 0), [away]), LocalJson.Default.MyTopicList)
            .Answers("GET", LocalRoutes.MyActivity, new MyActivity(Desk.Now.AddDays(-1), [], false), LocalJson.Default.MyActivity)
            .Answers("POST", LocalRoutes.Search, new SearchResult([], [], false, Complete: false), LocalJson.Default.SearchResult);

        Seen me = await desk.TypeAsync("me");
        Seen topics = await desk.TypeAsync("me", "topics");
        Seen search = await desk.TypeAsync("me", "search", "x");

        Assert.StartsWith("You are in no workspace yet", me.Output, StringComparison.Ordinal);
        Assert.Equal("claudemesh: What is shown of acme is what was known last. Nobody answers there.\n", me.Error);
        Assert.Equal(("You are in no topic: claudemesh topic list shows those there are.\n", me.Error), (topics.Output, topics.Error));
        Assert.Equal("Nothing unread.\n", (await desk.TypeAsync("me", "topics", "--unread")).Output);
        Assert.Equal("Nobody else has posted since 2026-03-02 14:30.\n", (await desk.TypeAsync("me", "activity")).Output);
        Assert.Equal("Nothing that is here has these words.\n", search.Output);
        Assert.Contains("still being looked through", search.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_found_cannot_command_the_terminal()
    {
        FoundMessage evil = Posted with { Sender = "b\e]0;x", Excerpt = "a\e[2Jb\u202Ec", To = "#x\n", Workspace = "w\e" };
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers(
            "POST", LocalRoutes.Search, new SearchResult([Samples.Deploys with { Name = "n\e", Description = "\e[2J" }], [evil], true, true), LocalJson.Default.SearchResult);

        Seen seen = await desk.TypeAsync("me", "search", "x");

        Assert.DoesNotContain('\e', seen.Output);
        Assert.DoesNotContain('\u202E', seen.Output);
        Assert.Equal(4, seen.Output.Count(letter => letter == '\n'));
    }

    [Fact]
    public async Task A_daemons_refusal_is_the_verbs()
    {
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Refuses(
            "POST", LocalRoutes.Search, LocalProblem.Of(LocalErrors.TopicNotFound, "There is no topic x.", 404, ExitCode.NotFound));

        Seen seen = await desk.TypeAsync("me", "search", "word", "--topic", "x");

        Assert.Equal((ExitCode.NotFound, "", "claudemesh: There is no topic x.\n"), (seen.Code, seen.Output, seen.Error));
    }

    private ScriptedDaemon Scripted() => new ScriptedDaemon(desk.Home)
        .Answers(
            "GET",
            LocalRoutes.Me,
            new MyOverview(
                [Acme, Acme with { Workspace = "other", DisplayName = "al", Role = "member", State = ConnectionStates.Offline, Members = 1, Online = 0, Topics = 1, UnreadPosts = 0, UnreadMessages = 0 }],
                new MyTotals(2, 1, 5, 12, 1),
                []),
            LocalJson.Default.MyOverview)
        .Answers(
            "GET",
            LocalRoutes.MyTopics,
            new MyTopicList(
                [Deploys, Deploys with { Workspace = "other", Id = "t2", Name = "dm-t2", Visibility = TopicVisibilities.Dm, With = "bob", Unread = 0, LastPostAt = Desk.Now.AddDays(-2), LastPostBy = "al" }, Deploys with { Id = "t3", Name = "quiet", Unread = 0, LastPostAt = null, LastPostBy = null }],
                new MyTopicTotals(3, 2),
                []),
            LocalJson.Default.MyTopicList)
        .Answers("GET", LocalRoutes.MyActivity, new MyActivity(Desk.Now.AddHours(-2), [Samples.FirstPost, Samples.Mentioning, Samples.FirstPost with { Workspace = "other", Topic = "alerts", Encrypted = false, Encryption = Encryptions.None, Verified = false }], true), LocalJson.Default.MyActivity)
        .Answers(
            "POST",
            LocalRoutes.Search,
            new SearchResult(
                [Samples.Deploys],
                [
                    Posted,
                    Posted with { Kind = FoundKinds.Inbox, Topic = null, TopicId = null, MessageId = "m7q3Zb0fWx", Sender = "old client", To = "member", Encrypted = false, Encryption = Encryptions.None, Verified = false },
                    Posted with { Kind = FoundKinds.Sent, Topic = null, TopicId = null, MessageId = null, ClientMessageId = "019ab3c4d5e67f00", Sender = "alice", Own = true, To = "bob", SentAt = Desk.Now.AddDays(-3) },
                ],
                true,
                true),
            LocalJson.Default.SearchResult);
}
