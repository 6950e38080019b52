using System.Text.Json.Nodes;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Topics;

public sealed class UnreadTests
{
    [Fact]
    [Trait("rest", "7.2 C17")]
    public async Task A_topic_that_was_never_opened_has_unread_what_was_posted_since_he_joined()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string topic = await alice.Socket.CreateTopicAsync("deploys");
        await alice.Socket.PostedAsync(topic, "long ago");
        await alice.Socket.PostedAsync(await alice.Socket.GeneralAsync(), "long ago");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        Assert.Equal((0, 0), (await UnreadAsync(bob, "general"), await UnreadAsync(bob, "deploys")));

        await bob.Socket.TellAsync(new TopicJoin(topic));
        Assert.Equal(0, await UnreadAsync(bob, "deploys"));
        await alice.Socket.PostedAsync(topic, "one");
        await alice.Socket.PostAsync(topic, "two", priority: Priority.Low);
        await alice.Socket.PostAsync(topic, "three", priority: Priority.Now);

        Assert.Equal((0, 3), (await UnreadAsync(bob, "general"), await UnreadAsync(bob, "deploys")));
    }

    [Fact]
    public async Task Of_a_topic_that_he_is_not_in_nothing_is_unread_and_his_own_posts_never_are()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        string topic = await alice.Socket.CreateTopicAsync("deploys");
        await alice.Socket.PostedAsync(topic, "mine");
        await bob.Socket.PostedAsync(topic, "from outside");

        Assert.Equal((1, 0), (await UnreadAsync(alice, "deploys"), await UnreadAsync(bob, "deploys")));
    }

    [Fact]
    public async Task Posting_marks_nothing_as_read_and_a_mark_counts_from_there()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        string general = await alice.Socket.GeneralAsync();
        string first = await alice.Socket.PostedAsync(general, "first");
        await alice.Socket.PostedAsync(general, "second");
        await bob.Socket.PostedAsync(general, "an answer");
        Assert.Equal(2, await UnreadAsync(bob, "general"));

        await bob.Socket.TellAsync(new TopicMarkRead(general, first));
        Assert.Equal(1, await UnreadAsync(bob, "general"));
        await bob.Socket.TellAsync(new TopicMarkRead(general));
        Assert.Equal(0, await UnreadAsync(bob, "general"));
        await bob.Socket.TellAsync(new TopicMarkRead(general, first));
        Assert.Equal(0, await UnreadAsync(bob, "general"));
    }

    [Fact]
    public async Task Whoever_comes_back_to_a_topic_has_read_what_was_posted_while_he_was_away()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        string topic = await alice.Socket.CreateTopicAsync("deploys");
        await bob.Socket.TellAsync(new TopicJoin(topic));
        await bob.Socket.TellAsync(new TopicLeave(topic));
        await alice.Socket.PostedAsync(topic, "while you were away");
        await bob.Socket.TellAsync(new TopicJoin(topic));
        await alice.Socket.PostedAsync(topic, "welcome back");

        Assert.Equal(1, await UnreadAsync(bob, "deploys"));
    }

    [Fact]
    public async Task His_other_devices_are_told_what_is_left_after_a_mark()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer bobs = await bob.Member.ConnectAsync("device2");
        string general = await bobs.Socket.GeneralAsync();
        string first = await alice.Socket.PostedAsync(general, "first");
        await alice.Socket.PostedAsync(general, "second");

        await bob.Socket.TellAsync(new TopicMarkRead(general, first));

        JsonObject told = await bobs.Socket.NextAsync("topic_changed", static frame => TestSocket.IsType(frame, "topic_changed"));
        Assert.Equal(1, (int?)told["info"]!["unread"]);
    }

    private static async Task<int?> UnreadAsync(TestPeer peer, string name) =>
        (int?)(await peer.Socket.AskAsync(new TopicListRequest()))["topics"]!.AsArray().Single(topic => (string?)topic!["name"] == name)!["unread"];
}
