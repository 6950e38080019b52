using System.Text;
using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Verbs;

/// <summary>Posts for scripts: one line each, none twice, none missing, and an end where one was asked for.</summary>
public sealed class StreamTests : IDisposable
{
    private static readonly LocalProblem Gone = LocalProblem.Of(LocalErrors.TopicNotFound, "There is no topic deploys.", 404, ExitCode.NotFound);

    private static readonly Post First = Samples.FirstPost with { Sequence = 6 };

    private readonly Desk desk = new();

    public void Dispose() => desk.Dispose();

    [Fact]
    public async Task A_post_is_one_line_of_fields_with_a_tab_between_them_whatever_is_in_it()
    {
        Post[] posts =
        [
            First with { Text = "two\r\nlines,\ta tab, a \\ and \e[2J" },
            First with { Sequence = 7, Sender = "ci\tbot", Encrypted = false, Encryption = Encryptions.None, Verified = false, Text = "plain" },
            First with { Sequence = 8, Encryption = Encryptions.Box, Verified = false, Text = "old" },
            First with { Sequence = 9, Text = null, Verified = false, Unreadable = "no_root" },
        ];
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).AnswersRaw("GET", LocalRoutes.Events, Answer([.. posts.Select(Event)]));

        Seen seen = await desk.TypeAsync("stream", "deploys", "--count", "4");

        const string Start = "2026-03-03T14:00:00Z\tacme\t#deploys\t";
        string id = First.Id;
        Assert.Equal(
            $"{Start}bob\tencrypted\t{id}\ttwo\\nlines,\\ta tab, a \\\\ and \uFFFD[2J\n{Start}ci\uFFFDbot\tnot-encrypted\t{id}\tplain\n"
            + $"{Start}bob\tunverified\t{id}\told\n{Start}bob\tunreadable\t{id}\t\n",
            seen.Output);
        Assert.Equal((ExitCode.Ok, ""), (seen.Code, seen.Error));
    }

    [Fact]
    public async Task With_json_each_post_is_an_object_in_a_line_and_the_stream_goes_on_behind_the_last_when_the_daemon_was_away()
    {
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .AnswersRaw("GET", LocalRoutes.Events, Answer(Event(First), Event(First with { Sequence = 8, Text = "second" })))
            .AnswersRaw("GET", LocalRoutes.Events, Answer(Event(First with { Sequence = 12, Text = "third" })))
            .Refuses("GET", LocalRoutes.Events, Gone);

        Seen seen = await desk.TypeAsync("stream", "deploys", "#alerts", "-w", "acme", "--after", "5", "--json=sequence,text");

        string[] lines = seen.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [
                """{"schema_version":"1.0","sequence":6,"text":"v2 is out\nwatch the graphs"}""",
                """{"schema_version":"1.0","sequence":8,"text":"second"}""",
                """{"schema_version":"1.0","sequence":12,"text":"third"}""",
            ],
            lines[..3]);
        Assert.Equal(ExitCode.NotFound, seen.Code);
        Assert.Equal(["Last-Event-ID: 5", "Last-Event-ID: 8", "Last-Event-ID: 12"], daemon.Headers.Where(header => header.StartsWith("Last-Event-ID", StringComparison.Ordinal)));
        Assert.StartsWith("GET /v1/events?workspace=acme&topic=deploys&topic=%23alerts HTTP", daemon.Requests.First(request => request.Line.Contains("events", StringComparison.Ordinal)).Line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_topic_it_is_all_of_them_from_now_and_from_there_on_when_the_daemon_was_away_before_the_first_post()
    {
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .AnswersRaw("GET", LocalRoutes.Events, Answer("id: 41\nevent: current\ndata: {}\n\n"))
            .Refuses("GET", LocalRoutes.Events, Gone);

        await desk.TypeAsync("stream");

        Assert.Equal(["Last-Event-ID: 41"], daemon.Headers.Where(header => header.StartsWith("Last-Event-ID", StringComparison.Ordinal)));
        Assert.Contains("GET /v1/events?posts=true HTTP/1.1", daemon.Requests.Select(request => request.Line));
    }

    [Fact]
    public async Task What_waits_for_a_key_is_printed_once_it_is_decided_and_is_not_counted_before()
    {
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).AnswersRaw("GET", LocalRoutes.Events, Answer(
            Event(First with { Text = null, Unreadable = UnreadableReasons.WaitingForKey }), Event(First with { Sequence = 9, Text = "opened" })));

        Seen seen = await desk.TypeAsync("stream", "--count", "1", "--json=text");

        Assert.Equal("""{"schema_version":"1.0","text":"opened"}""" + "\n", seen.Output);
    }

    [Fact]
    public async Task It_ends_where_the_store_ends_if_it_shall_not_follow()
    {
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).AnswersRaw("GET", LocalRoutes.Events, Answer(
            Event(First), "id: 6\nevent: current\ndata: {}\n\n", Event(First with { Sequence = 7, Text = "too late" })));

        Seen seen = await desk.TypeAsync("stream", "--after", "0", "--no-follow", "--json=sequence");
        Seen bare = await desk.TypeAsync("stream", "--no-follow");

        Assert.Equal((ExitCode.Ok, """{"schema_version":"1.0","sequence":6}""" + "\n", ""), (seen.Code, seen.Output, seen.Error));
        Assert.Equal(ExitCode.BadArguments, bare.Code);
        Assert.StartsWith("claudemesh: --no-follow prints what is behind --after: say it too", bare.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_few_posts_in_the_time_that_was_given_fail_and_time_alone_is_a_good_end()
    {
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).AnswersRaw("GET", LocalRoutes.Events, Answer(Event(First)));

        Seen alone = await TypeUntilAskedTwiceAsync(daemon, "stream", "--for", "10m");
        Seen counted = await TypeUntilAskedTwiceAsync(daemon, "stream", "--for", "10m", "--count", "1000000");

        Assert.Equal(ExitCode.Ok, alone.Code);
        Assert.Equal(ExitCode.Network, counted.Code);
        Assert.Contains(" of 1000000 posts came in 10m.", counted.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_that_is_interrupted_ends_well()
    {
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).AnswersRaw("GET", LocalRoutes.Events, Answer(Event(First)));
        using var interrupt = new CancellationTokenSource();

        Task<Seen> typing = desk.TypeAsync(interrupt.Token, "stream");
        await daemon.RequestedAsync("GET " + LocalRoutes.Events, 2);
        await interrupt.CancelAsync();

        Assert.Equal(ExitCode.Ok, (await typing).Code);
    }

    [Theory]
    [InlineData("stream --count -1")]
    [InlineData("stream --for yesterday")]
    [InlineData("stream --count x")]
    public async Task Nonsense_asks_nobody(string line)
    {
        await using ScriptedDaemon daemon = new(desk.Home);

        Assert.Equal(ExitCode.BadArguments, (await desk.TypeAsync(line.Split(' '))).Code);
        Assert.Equal(ExitCode.BadArguments, (await desk.TypeAsync(["stream", .. Enumerable.Repeat("t", LocalLimits.FollowedTopicsMax + 1)])).Code);
        Assert.Empty(daemon.Requests);
    }

    /// <summary>The daemon ends each stream, so that it is asked again and again; the time passes after the second.</summary>
    private async Task<Seen> TypeUntilAskedTwiceAsync(ScriptedDaemon daemon, params string[] words)
    {
        int before = daemon.Requests.Count(request => request.Line.Contains(LocalRoutes.Events, StringComparison.Ordinal));
        Task<Seen> typing = desk.TypeAsync(words);
        await daemon.RequestedAsync("GET " + LocalRoutes.Events, before + 2);
        desk.Clock.Advance(TimeSpan.FromMinutes(10));
        return await typing;
    }

    private static string Event(Post post) => $"id: {post.Sequence}\nevent: post\ndata: {JsonSerializer.Serialize(post, LocalJson.Default.Post)}\n\n";

    private static byte[] Answer(params string[] events) =>
        Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n{string.Concat(events)}");
}
