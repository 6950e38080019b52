using System.Text;
using System.Text.Json;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Cli.Verbs;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Verbs;

/// <summary>Posting in a topic, and following one.</summary>
public sealed class TopicTests : IDisposable
{
    private readonly Desk desk = new();

    public void Dispose() => desk.Dispose();

    [Theory]
    [InlineData("topic post deploys v2 is out")]
    [InlineData("topic post #deploys v2 is out")]
    [InlineData("send #deploys v2 is out")]
    public async Task A_post_is_a_send_to_the_topic(string line)
    {
        await using ScriptedDaemon daemon = Sending();

        Seen seen = await desk.TypeAsync(line.Split(' '));

        Assert.Equal((ExitCode.Ok, ""), (seen.Code, seen.Error));
        Assert.StartsWith("posted in #deploys", seen.Output, StringComparison.Ordinal);
        Assert.StartsWith("""{"to":"#deploys","text":"v2 is out","priority":"next",""", daemon.Requests.Single().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reply_and_mentions_are_passed_on_as_they_were_typed()
    {
        await using ScriptedDaemon daemon = Sending();

        await desk.TypeAsync("topic", "post", "deploys", "look", "--reply-to", "0000A3", "--mention", "bob", "--mention", "carol", "-w", "acme");

        using JsonDocument body = JsonDocument.Parse(daemon.Requests.Single().Body);
        Assert.Equal("0000A3", body.RootElement.GetProperty("reply_to").GetString());
        Assert.Equal(["bob", "carol"], body.RootElement.GetProperty("mentions").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal("acme", body.RootElement.GetProperty("workspace").GetString());
    }

    [Fact]
    public async Task The_text_of_a_post_can_come_from_standard_input()
    {
        await using ScriptedDaemon daemon = Sending();
        desk.Input = Encoding.UTF8.GetBytes("two\nlines\n");

        await desk.TypeAsync("topic", "post", "deploys", "-");

        Assert.Contains("\"text\":\"two\\nlines\"", daemon.Requests.Single().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_that_is_empty_or_too_long_is_not_posted()
    {
        await using ScriptedDaemon daemon = Sending();

        Seen empty = await desk.TypeAsync("topic", "post", "deploys", " ");
        Seen tooLong = await desk.TypeAsync("topic", "post", "deploys", new string('x', LocalLimits.TextBytesMax + 1));

        Assert.Equal((ExitCode.BadArguments, "claudemesh: There is nothing to send: the text is empty.\n"), (empty.Code, empty.Error));
        Assert.Equal(ExitCode.BadArguments, tooLong.Code);
        Assert.Contains("a message has at most", tooLong.Error, StringComparison.Ordinal);
        Assert.Empty(daemon.Requests);
    }

    [Theory]
    [InlineData("archive", true, "#deploys of acme is archived; claudemesh topic unarchive brings it back.")]
    [InlineData("unarchive", false, "#deploys of acme is back.")]
    [InlineData("describe", false, "#deploys of acme: what goes out")]
    [InlineData("retain", false, "Posts of #deploys of acme are kept for 90 days.")]
    [InlineData("policy", false, "#deploys of acme takes encrypted posts only.")]
    public async Task A_change_says_what_is_so_now(string verb, bool archived, string told)
    {
        Topic after = Samples.Deploys with { ArchivedAt = archived ? Desk.Now : null };
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers("POST", LocalRoutes.TopicChange, after, LocalJson.Default.Topic);
        string[] rest = verb switch
        {
            "describe" => ["what", "goes", "out"],
            "retain" => ["90"],
            "policy" => ["plain", "no"],
            _ => [],
        };

        Seen seen = await desk.TypeAsync(["topic", verb, "deploys", .. rest]);

        Assert.Equal((ExitCode.Ok, told + "\n"), (seen.Code, seen.Output));
    }

    [Fact]
    public async Task An_empty_list_and_an_empty_topic_are_said_in_words_and_stale_ones_are_marked()
    {
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("GET", LocalRoutes.Topics, new ListedTopics([], [new("acme", null, "Nobody answers there.")]), LocalJson.Default.ListedTopics)
            .Answers("GET", LocalRoutes.TopicHistory, new PostPage("acme", "deploys", [], 0, false, "Nobody answers there."), LocalJson.Default.PostPage);

        Seen list = await desk.TypeAsync("topic", "list");
        Seen history = await desk.TypeAsync("topic", "history", "deploys");

        Assert.Equal("There is no topic: claudemesh topic create NAME makes one.\n", list.Output);
        Assert.Equal("claudemesh: What is listed of acme is what was known last. Nobody answers there.\n", list.Error);
        Assert.Equal(("Nothing was posted.\n", "claudemesh: Older posts may be missing. Nobody answers there.\n"), (history.Output, history.Error));
    }

    [Fact]
    public async Task A_tail_prints_the_last_posts_and_goes_on_behind_them_each_in_one_line_of_json()
    {
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("GET", LocalRoutes.TopicHistory, Samples.Posts with { Posts = [Samples.FirstPost], After = 6 }, LocalJson.Default.PostPage)
            .AnswersRaw("GET", LocalRoutes.Events, Events(Samples.Mentioning))
            .Refuses("GET", LocalRoutes.Events, Gone);

        Seen seen = await desk.TypeAsync("topic", "tail", "deploys", "--json=sender,text");

        Assert.Equal(ExitCode.NotFound, seen.Code);
        string[] lines = seen.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            ["""{"schema_version":"1.0","sender":"bob","text":"v2 is out\nwatch the graphs"}""", """{"schema_version":"1.0","sender":"carol","text":"@alice the error rate"}"""],
            lines[..2]);
        Assert.Contains("topic_not_found", lines[2], StringComparison.Ordinal);
        Assert.Equal(["Last-Event-ID: 6", "Last-Event-ID: 7"], daemon.Headers.Where(header => header.StartsWith("Last-Event-ID", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_tail_forward_only_begins_with_what_comes_next()
    {
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("GET", LocalRoutes.TopicHistory, Samples.Posts, LocalJson.Default.PostPage)
            .Refuses("GET", LocalRoutes.Events, Gone);

        Seen seen = await desk.TypeAsync("topic", "tail", "deploys", "--forward-only");

        Assert.Equal(("", ExitCode.NotFound), (seen.Output, seen.Code));
        Assert.Contains("Last-Event-ID: 9", daemon.Headers);
    }

    [Fact]
    public async Task A_tail_says_beside_the_posts_that_daemon_or_broker_are_away_and_back()
    {
        WorkspaceStatus away = new("acme", "http://127.0.0.1:7900", ConnectionStates.Offline, "Nobody answers there.", 0, 0);
        byte[] lost = Events(away, away with { State = ConnectionStates.Open, Detail = null });
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("GET", LocalRoutes.TopicHistory, Samples.Posts with { Posts = [] }, LocalJson.Default.PostPage)
            .AnswersRaw("GET", LocalRoutes.Events, lost)
            .AnswersRaw("GET", LocalRoutes.Events, Events(Samples.Mentioning))
            .Refuses("GET", LocalRoutes.Events, Gone);

        Seen seen = await desk.TypeAsync("topic", "tail", "deploys");

        Assert.Equal(
            """
            claudemesh: there is no connection to http://127.0.0.1:7900; posts come when it is back. Nobody answers there.
            claudemesh: connected again; what was posted meanwhile follows.
            claudemesh: the daemon has gone; starting it again.
            claudemesh: the daemon is back; what was posted meanwhile follows.
            claudemesh: the daemon has gone; starting it again.
            claudemesh: the daemon is back; what was posted meanwhile follows.
            claudemesh: There is no topic deploys.

            """,
            seen.Error);
        Assert.Contains("carol", seen.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tail_that_is_interrupted_ends_well()
    {
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("GET", LocalRoutes.TopicHistory, Samples.Posts with { Posts = [Samples.FirstPost] }, LocalJson.Default.PostPage)
            .AnswersRaw("GET", LocalRoutes.Events, Events(Samples.Mentioning));
        using var interrupt = new CancellationTokenSource();

        Task<Seen> typing = desk.TypeAsync(interrupt.Token, "topic", "tail", "deploys");
        // The daemon ends each stream, so that the tail asks again and again until it is interrupted.
        await daemon.RequestedAsync("GET " + LocalRoutes.Events, 2);
        await interrupt.CancelAsync();
        Seen seen = await typing;

        Assert.Equal(ExitCode.Ok, seen.Code);
        Assert.Contains("v2 is out", seen.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_is_signed_as_mentioned_stands_out_on_a_terminal_and_nobody_else()
    {
        using var output = new MemoryStream();
        var terminal = new Terminal(output, Stream.Null, () => Stream.Null, isInteractive: true, hasColour: true);
        var lines = new PostLines(new Surroundings(terminal, new DaemonDoor(desk.Home, new DaemonProgram(() => "", desk.Home), desk.Clock), desk.Home, desk.Clock));

        lines.Print(Samples.Mentioning with { Text = "@Alice and @dave, mail a@alice" });
        terminal.Flush();

        string printed = Encoding.UTF8.GetString(output.ToArray());
        Assert.Contains("\e[33m@Alice\e[0m and @dave, mail a@alice", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_post_cannot_command_the_terminal()
    {
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers(
            "GET", LocalRoutes.TopicHistory, Samples.Posts with { Posts = [Samples.Mentioning with { Sender = "b\e]0;x", Text = "a\e[2J\nb", Reply = new("c\u202E", "d\ne") }] }, LocalJson.Default.PostPage);

        Seen seen = await desk.TypeAsync("topic", "history", "deploys");

        Assert.DoesNotContain('\e', seen.Output);
        Assert.DoesNotContain('\u202E', seen.Output);
        Assert.Contains("a\uFFFD[2J\n  b\n", seen.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Topics_are_offered_where_one_belongs_and_as_addresses()
    {
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("GET", LocalRoutes.Topics, Samples.Topics, LocalJson.Default.ListedTopics)
            .Answers("GET", LocalRoutes.Peers, new PeerList([], []), LocalJson.Default.PeerList)
            .Answers("GET", LocalRoutes.Members, new MemberList([]), LocalJson.Default.MemberList);

        Seen places = await desk.TypeAsync("__complete", "--", "topic", "tail", "");
        Seen addresses = await desk.TypeAsync("__complete", "--", "send", "");

        Assert.Equal("deploys\tacme, lead, what goes out\nbob\tacme, dm\nincident-7\tacme, lead\nalerts\tother, not joined\n", places.Output);
        Assert.StartsWith("#deploys\tacme, lead", addresses.Output, StringComparison.Ordinal);
    }

    private static readonly LocalProblem Gone = LocalProblem.Of(LocalErrors.TopicNotFound, "There is no topic deploys.", 404, ExitCode.NotFound);

    private static byte[] Events(Post post) => Answer(
        $"id: {post.Sequence}\nevent: post\ndata: {JsonSerializer.Serialize(post, LocalJson.Default.Post)}\n\n");

    private static byte[] Events(params WorkspaceStatus[] states) => Answer(string.Concat(
        states.Select(state => $"event: broker\ndata: {JsonSerializer.Serialize(state, LocalJson.Default.WorkspaceStatus)}\n\n")));

    private static byte[] Answer(string events) => Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n{events}");

    private ScriptedDaemon Sending() => new ScriptedDaemon(desk.Home).Answers(
        "POST", LocalRoutes.Send, Samples.Sent with { To = "#deploys", Recipients = [Samples.ToBob with { Name = "#deploys" }] }, LocalJson.Default.SendResult);
}
