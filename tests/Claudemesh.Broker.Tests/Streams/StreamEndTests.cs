using System.Net.Sockets;
using System.Text;
using Claudemesh.Broker.Streams;
using Claudemesh.Broker.Tests.Topics;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Streams;

/// <summary>What ends a stream, and how many there may be.</summary>
public sealed class StreamEndTests
{
    [Fact]
    [Trait("rest", "7.1 A8")]
    public async Task A_revoked_key_ends_its_streams_at_once_and_no_others()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string general = await alice.Socket.GeneralAsync();
        using TestKey key = await alice.Member.MakeKeyAsync();
        using TestKey other = await alice.Member.MakeKeyAsync();
        using TestStream one = await TestStream.OpenAsync(key.Http, "/topics/general/stream");
        using TestStream two = await TestStream.OpenAsync(key.Http, "/stream");
        using TestStream others = await TestStream.OpenAsync(other.Http, "/stream");

        await alice.Socket.AskAsync(new ApiKeyRevoke(key.Id));
        await AssertEndedAsync("api_key_invalid", one, two);
        await alice.Socket.PostedAsync(general, "afterwards");

        Assert.Equal("afterwards", (await others.NextMessageAsync()).Text);
        Assert.Equal("api_key_invalid", (await key.GetAsync("/stream")).Code);
    }

    [Fact]
    public async Task A_key_that_is_over_ends_its_streams_when_it_is_over()
    {
        FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        using TestKey key = await mesh.MakeKeyAsync(expiresAt: clock.GetUtcNow() + TimeSpan.FromSeconds(12));
        using TestStream stream = await TestStream.OpenAsync(key.Http, "/stream");

        clock.Advance(TimeSpan.FromSeconds(12));

        await AssertEndedAsync("api_key_invalid", stream);
    }

    [Fact]
    public async Task A_removed_members_streams_end_at_once()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerMember().ConnectAsync("desk");
        TestMember bob = await mesh.AddMemberAsync("bob");
        await using TestPeer bobs = await bob.ConnectAsync();
        using TestKey key = await bob.MakeKeyAsync();
        using TestStream one = await TestStream.OpenAsync(key.Http, "/topics/general/stream");
        using TestStream two = await TestStream.OpenAsync(key.Http, "/stream");

        await owner.Socket.AskAsync(new Ban("bob", "spam"));

        await AssertEndedAsync("api_key_invalid", one, two);
        Assert.Equal("api_key_invalid", (await key.GetAsync("/stream")).Code);
    }

    [Fact]
    [Trait("rest", "7.1 A9")]
    public async Task Who_is_taken_out_of_a_private_topic_gets_nothing_more_of_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Mixed);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        PrivateTopic topic = await PrivateTopic.CreateAsync(mesh, alice, "plans");
        await topic.AdmitAsync(bob.Member, LogRole.Member);
        await topic.RotateAsync();
        using TestKey key = await bob.Member.MakeKeyAsync();
        using TestStream one = await TestStream.OpenAsync(key.Http, "/topics/plans/stream");
        using TestStream all = await TestStream.OpenAsync(key.Http, "/stream");
        string with = (string)(await topic.PostAsync(alice, "with bob"))["messageId"]!;
        Assert.Equal(with, (await one.NextMessageAsync()).Id);
        Assert.Equal(with, (await all.NextMessageAsync()).Id);

        await topic.AppendAsync(new LogBody.Remove(bob.Member.Key.Public, ""));
        await topic.RotateAsync();
        await AssertEndedAsync("topic_not_found", one);
        await topic.PostAsync(alice, "without bob");
        string? next = (string?)(await key.PostAsync("/messages", """{"topic":"general","text":"for all"}""")).Body!["messageId"];

        Assert.Equal(next, (await all.NextMessageAsync()).Id);
        Assert.Equal("topic_not_found", (await key.GetAsync("/topics/plans/stream")).Code);
        using TestStream again = await TestStream.OpenAsync(key.Http, "/stream?after=0");
        Assert.Equal(next, (await again.NextMessageAsync()).Id);
    }

    [Fact]
    public async Task An_archived_topics_stream_goes_on_and_has_what_comes_when_it_is_brought_back()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string topic = await alice.Socket.CreateTopicAsync("deploys");
        using TestKey key = await alice.Member.MakeKeyAsync();
        using TestStream stream = await TestStream.OpenAsync(key.Http, $"/topics/{topic}/stream");

        await alice.Socket.AskAsync(new TopicUpdate(topic, Archived: true));
        await alice.Socket.AskAsync(new TopicUpdate(topic, Archived: false));
        await alice.Socket.PostedAsync(topic, "back again");

        Assert.Equal("back again", (await stream.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task A_broker_that_stops_says_so_and_streams_go_on_after_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        using TestStream stream = await TestStream.OpenAsync(key.Http, "/topics/general/stream");
        await key.PostAsync("/messages", """{"topic":"general","text":"before"}""");
        Assert.Equal("before", (await stream.NextMessageAsync()).Text);

        await mesh.CloseOwnerAsync();
        await mesh.Broker.StopAsync();
        await AssertEndedAsync("broker_stopping", stream);
        await mesh.Broker.StartAgainAsync();
        await key.PostAsync("/messages", """{"topic":"general","text":"after"}""");

        using TestStream again = await TestStream.OpenAsync(key.Http, "/topics/general/stream", stream.LastId);
        Assert.Equal("after", (await again.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task A_key_and_an_address_have_so_many_streams_and_no_more()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(change: settings => settings with
        {
            Limits = settings.Limits with { StreamsPerKey = 2, StreamsPerAddress = 3 },
        });
        using TestKey key = await mesh.MakeKeyAsync();
        using TestKey other = await mesh.MakeKeyAsync();
        OpenStreams open = mesh.Broker.Services.GetRequiredService<OpenStreams>();
        using TestStream one = await TestStream.OpenAsync(key.Http, "/stream");
        TestStream two = await TestStream.OpenAsync(key.Http, "/topics/general/stream");

        RestAnswer third = await key.GetAsync("/stream");
        using TestStream others = await TestStream.OpenAsync(other.Http, "/stream");
        RestAnswer fourthFromHere = await other.GetAsync("/stream");

        Assert.Equal((429, "too_many_streams"), (third.Status, third.Code));
        Assert.Equal((429, "too_many_streams"), (fourthFromHere.Status, fourthFromHere.Code));
        two.Dispose();
        await Eventually.IsAsync("a reader that left is counted no more", () => open.Count == 2);
        using TestStream instead = await TestStream.OpenAsync(key.Http, "/stream");
        Assert.Equal(3, open.Count);
    }

    [Fact]
    public async Task A_reader_that_does_not_read_is_cut_and_others_get_everything()
    {
        const int Posts = 120;
        await using TestMesh mesh = await TestMesh.StartAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        OpenStreams open = mesh.Broker.Services.GetRequiredService<OpenStreams>();
        using TestStream reader = await TestStream.OpenAsync(key.Http, "/stream");
        using Socket lazy = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await lazy.ConnectAsync(mesh.Broker.Url.Host, mesh.Broker.Url.Port);
        await lazy.SendAsync(Encoding.ASCII.GetBytes($"GET /api/v1/stream HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {key.Secret}\r\n\r\n"));
        await Eventually.IsAsync("both streams are open", () => open.Count == 2);

        List<string?> posted = [];
        string text = new('a', 100_000);
        for (int i = 0; i < Posts; i++)
        {
            posted.Add((string?)(await key.PostAsync("/messages", $$"""{"topic":"general","text":"{{i}} {{text}}"}""")).Body!["messageId"]);
            Assert.Equal(posted[i], (await reader.NextMessageAsync()).Id);
        }

        await Eventually.IsAsync("who does not read is cut", () => open.Count == 1);
        using TestStream again = await TestStream.OpenAsync(key.Http, "/stream?after=0");
        foreach (string? id in posted)
            Assert.Equal(id, (await again.NextMessageAsync()).Id);
    }

    private static async Task AssertEndedAsync(string code, params TestStream[] streams)
    {
        foreach (TestStream stream in streams)
        {
            StreamEvent ended = (await stream.NextAsync())!;
            Assert.Equal(("ended", null, code), (ended.Name, ended.Id, (string?)ended.Json["code"]));
            Assert.Null(await stream.NextAsync());
        }
    }
}
