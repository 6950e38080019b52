using System.Net;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Streams;
using Claudemesh.Broker.Tests.Topics;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Streams;

/// <summary>What a reader of a stream gets: each post once, in order, pushed as it becomes durable.</summary>
public sealed class StreamTests
{
    [Fact]
    [Trait("rest", "7.2 C2")]
    [Trait("rest", "7.2 C3")]
    public async Task Every_reader_gets_each_post_as_it_is_made_and_all_get_the_same_bytes()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string general = await alice.Socket.GeneralAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        using TestStream one = await TestStream.OpenAsync(key.Http, "/topics/general/stream");
        using TestStream two = await TestStream.OpenAsync(key.Http, $"/topics/{general}/stream");
        using TestStream all = await TestStream.OpenAsync(key.Http, "/stream");

        string fromSocket = await alice.Socket.PostedAsync(general, "from a socket");
        RestAnswer fromRest = await key.PostAsync("/messages", """{"topic":"general","text":"from a script"}""");

        foreach (string? id in new[] { fromSocket, (string?)fromRest.Body!["messageId"] })
        {
            StreamEvent first = await one.NextMessageAsync();
            Assert.Equal(id, first.Id);
            Assert.Equal(first, await two.NextMessageAsync());
            Assert.Equal(first, await all.NextMessageAsync());
        }

        JsonArray rows = (await key.GetAsync("/topics/general/messages")).Body!["messages"]!.AsArray();
        Assert.Equal(["from a script", "from a socket"], rows.Select(row => (string?)row!["text"]));
    }

    [Fact]
    public async Task An_event_has_the_row_of_the_history()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string general = await alice.Socket.GeneralAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        using TestStream stream = await TestStream.OpenAsync(key.Http, "/topics/general/stream");

        string parent = await alice.Socket.PostedAsync(general, "a question");
        await alice.Socket.PostAsync(general, "sealed", bodyVersion: 3, replyTo: parent, priority: Priority.Now);

        JsonArray rows = (await key.GetAsync("/topics/general/messages")).Body!["messages"]!.AsArray();
        JsonObject plain = (await stream.NextMessageAsync()).Json;
        JsonObject encrypted = (await stream.NextMessageAsync()).Json;
        Assert.True(JsonNode.DeepEquals(rows[1], plain), plain.ToJsonString());
        Assert.True(JsonNode.DeepEquals(rows[0], encrypted), encrypted.ToJsonString());
        Assert.Equal((false, "a question", null, "next"), ((bool?)plain["encrypted"], (string?)plain["text"], (string?)plain["replyToId"], (string?)plain["priority"]));
        Assert.True(plain.ContainsKey("replyToId"));
        Assert.Equal((true, null, parent, "now"), ((bool?)encrypted["encrypted"], (string?)encrypted["text"], (string?)encrypted["replyToId"], (string?)encrypted["priority"]));
        Assert.Equal((alice.Key, general, "general"), ((string?)plain["senderPubkey"], (string?)plain["topicId"], (string?)plain["topic"]));
    }

    [Theory]
    [InlineData("/topics/general/stream")]
    [InlineData("/stream")]
    [Trait("rest", "7.2 C4")]
    public async Task A_reader_that_comes_again_gets_what_it_missed_once_and_in_order_and_then_what_is_new(string path)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestPeer alice = await mesh.JoinAsync("alice");
        string general = await alice.Socket.GeneralAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        string lastId;
        using (TestStream stream = await TestStream.OpenAsync(key.Http, path))
        {
            await alice.Socket.PostedAsync(general, "0");
            Assert.Equal("0", (await stream.NextMessageAsync()).Text);
            lastId = stream.LastId!;
        }

        // More than two pages, with direct messages and other lanes among them.
        for (int i = 1; i <= 450; i++)
        {
            await alice.Socket.PostAsync(general, $"{i}", priority: (Priority)(i % 3));
            if (i % 50 == 0)
                await alice.SendAsync(alice.Key, "a note to myself");
        }

        await alice.DisposeAsync();
        await mesh.CloseOwnerAsync();
        await mesh.Broker.RestartAsync();

        using TestStream again = await TestStream.OpenAsync(key.Http, path, lastId);
        Assert.Equal(Enumerable.Range(1, 450).Select(i => $"{i}"), await again.NextTextsAsync(450));
        await key.PostAsync("/messages", """{"topic":"general","text":"new"}""");
        Assert.Equal("new", (await again.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task Who_loses_a_stream_before_its_first_message_goes_on_from_where_it_began()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        string atFirst, later;
        using (TestStream stream = await TestStream.OpenAsync(key.Http, "/topics/general/stream"))
            atFirst = stream.LastId!;

        await key.PostAsync("/messages", """{"topic":"general","text":"one"}""");
        using (TestStream stream = await TestStream.OpenAsync(key.Http, "/topics/general/stream"))
            later = stream.LastId!;

        await key.PostAsync("/messages", """{"topic":"general","text":"two"}""");

        Assert.Equal("0", atFirst);
        using TestStream both = await TestStream.OpenAsync(key.Http, "/topics/general/stream", atFirst);
        using TestStream second = await TestStream.OpenAsync(key.Http, "/topics/general/stream", later);
        using TestStream byAddress = await TestStream.OpenAsync(key.Http, "/stream?after=0");
        using TestStream headerFirst = await TestStream.OpenAsync(key.Http, "/stream?after=0", later);
        Assert.Equal(["one", "two"], await both.NextTextsAsync(2));
        Assert.Equal(["two"], await second.NextTextsAsync(1));
        Assert.Equal(["one", "two"], await byAddress.NextTextsAsync(2));
        Assert.Equal(["two"], await headerFirst.NextTextsAsync(1));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("-1")]
    [InlineData("00000000000000000000000000000000")]
    [InlineData("0000000199999999999999999999999a")]
    public async Task A_place_that_is_none_is_refused_before_the_stream_begins(string id)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();

        RestAnswer byHeader = await RestAnswer.ReadAsync(await TestStream.AskAsync(key.Http, "/stream", id));
        RestAnswer byAddress = await key.GetAsync("/topics/general/stream?after=" + id);
        RestAnswer page = await key.GetAsync("/topics/general/messages?after=" + id);

        Assert.All([byHeader, byAddress, page], answer => Assert.Equal((400, "cursor_elsewhere"), (answer.Status, answer.Code)));
    }

    [Fact]
    public async Task An_id_of_another_workspace_is_no_place()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestMesh other = await TestMesh.StartAsync(broker: mesh.Broker);
        using TestKey key = await mesh.MakeKeyAsync();
        using TestKey others = await other.MakeKeyAsync();
        string id = (string)(await others.PostAsync("/messages", """{"topic":"general","text":"elsewhere"}""")).Body!["messageId"]!;

        Assert.Equal("cursor_elsewhere", (await RestAnswer.ReadAsync(await TestStream.AskAsync(key.Http, "/stream", id))).Code);
    }

    [Fact]
    [Trait("rest", "7.1 A7")]
    public async Task The_stream_of_all_topics_has_those_that_the_key_may_see_also_ones_made_later_and_no_others()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using LegacyPeer carol = await mesh.JoinLegacyAsync("carol");
        string general = await alice.Socket.GeneralAsync();
        string deploys = await alice.Socket.CreateTopicAsync("deploys");
        string hidden = await carol.Socket.CreateTopicAsync("hidden", TopicVisibility.Private);
        using TestKey key = await alice.Member.MakeKeyAsync();
        using TestKey limited = await alice.Member.MakeKeyAsync(topics: ["deploys"]);
        using TestStream all = await TestStream.OpenAsync(key.Http, "/stream");
        using TestStream some = await TestStream.OpenAsync(limited.Http, "/stream");

        await carol.Socket.PostedAsync(hidden, "not for alice");
        await alice.Socket.PostedAsync(general, "one");
        await alice.Socket.PostedAsync(deploys, "two");
        await alice.Socket.PostedAsync(await alice.Socket.CreateTopicAsync("later"), "three");
        await alice.Socket.PostedAsync(deploys, "four");

        Assert.Equal(["one", "two", "three", "four"], await all.NextTextsAsync(4));
        Assert.Equal(["two", "four"], await some.NextTextsAsync(2));
        using TestStream allAgain = await TestStream.OpenAsync(key.Http, "/stream?after=0");
        using TestStream someAgain = await TestStream.OpenAsync(limited.Http, "/stream?after=0");
        Assert.Equal(["one", "two", "three", "four"], await allAgain.NextTextsAsync(4));
        Assert.Equal(["two", "four"], await someAgain.NextTextsAsync(2));
        Assert.Equal("topic_not_found", (await key.GetAsync("/topics/hidden/stream")).Code);
        Assert.Equal("api_key_topic_out_of_scope", (await limited.GetAsync("/topics/general/stream")).Code);
    }

    [Fact]
    public async Task Readers_that_come_and_go_while_others_post_miss_nothing_and_get_nothing_twice()
    {
        const int Posts = 400;

        // A client reads on for a while in what it has left, so many more are open than read.
        await using TestMesh mesh = await TestMesh.StartAsync(change: settings => settings with
        {
            Limits = settings.Limits with { StreamsPerKey = 10_000, StreamsPerAddress = 10_000 },
        });
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        string general = await alice.Socket.GeneralAsync();
        string deploys = await bob.Socket.CreateTopicAsync("deploys");
        using TestKey key = await mesh.MakeKeyAsync();

        Task<List<string>>[] readers = [.. Enumerable.Range(0, 8).Select(reader => ReadAsync(key, 2 * Posts, perStream: 7 + reader * 9))];
        await Task.WhenAll(PostAsync(alice, general), PostAsync(bob, deploys));
        List<string>[] read = await Task.WhenAll(readers);

        List<string> stored = [];
        using (TestStream all = await TestStream.OpenAsync(key.Http, "/stream?after=0"))
        {
            while (stored.Count < 2 * Posts)
                stored.Add((await all.NextMessageAsync()).Id!);
        }

        Assert.Equal(2 * Posts, stored.Distinct().Count());
        Assert.All(read, ids => Assert.Equal(stored, ids));

        static async Task PostAsync(TestPeer peer, string topic)
        {
            for (int i = 0; i < Posts; i++)
                await peer.Socket.PostedAsync(topic, $"{i}");
        }
    }

    [Fact]
    public async Task A_stream_is_no_answer_to_keep_and_a_head_request_gets_its_headers()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        using TestStream stream = await TestStream.OpenAsync(key.Http, "/stream");
        using HttpResponseMessage head = await key.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, new Uri("/api/v1/topics/general/stream", UriKind.Relative)));

        foreach (HttpResponseMessage response in new[] { stream.Response, head })
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.ContentType!.ToString());
            Assert.True(response.Headers.CacheControl!.NoStore);
            Assert.Equal(["no"], response.Headers.GetValues("X-Accel-Buffering"));
        }

        Assert.Empty(await head.Content.ReadAsStringAsync());
        Assert.Equal(1, mesh.Broker.Services.GetRequiredService<OpenStreams>().Count);
    }

    [Fact]
    public async Task A_quiet_stream_has_a_heartbeat_every_thirty_seconds()
    {
        FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        using TestKey key = await mesh.MakeKeyAsync();
        using TestStream one = await TestStream.OpenAsync(key.Http, "/stream");
        using TestStream two = await TestStream.OpenAsync(key.Http, "/topics/general/stream");

        for (int i = 0; i < 3; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(30));
            StreamEvent heartbeat = (await one.NextAsync())!;
            Assert.Equal(("heartbeat", null, $"{clock.GetUtcNow().ToUnixTimeMilliseconds()}"), (heartbeat.Name, heartbeat.Id, heartbeat.Data));
            Assert.Equal(heartbeat, await two.NextAsync());
        }
    }

    /// <summary>Reads all, but leaves after some each time and comes again.</summary>
    private static async Task<List<string>> ReadAsync(TestKey key, int count, int perStream)
    {
        List<string> ids = [];
        string lastId = StreamEndpoint.Beginning;
        while (ids.Count < count)
        {
            using TestStream stream = await TestStream.OpenAsync(key.Http, "/stream", lastId);
            for (int i = 0; i < perStream && ids.Count < count; i++)
                ids.Add((await stream.NextMessageAsync()).Id!);

            lastId = stream.LastId!;
        }

        return ids;
    }
}
