using System.Text.Json.Nodes;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Topics;

public sealed class TopicHistoryTests
{
    [Fact]
    public async Task Pages_give_every_post_once_whatever_is_posted_meanwhile_and_in_whichever_lane()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string topic = await alice.Socket.CreateTopicAsync("deploys");
        List<string> posted = [];
        for (int i = 0; i < 25; i++)
            posted.Add((string)(await alice.Socket.PostAsync(topic, $"post {i}", priority: (Priority)(i % 3)))["messageId"]!);

        List<string> read = [];
        string? before = null;
        JsonObject page;
        do
        {
            page = await alice.Socket.AskAsync(new TopicHistory(topic, 10, before));
            read.AddRange(TopicFrames.Ids(page));
            before = read[^1];
            await alice.Socket.PostedAsync(topic, "meanwhile");
        }
        while ((bool?)page["more"] == true);

        Assert.Equal(posted.AsEnumerable().Reverse(), read);
        Assert.Equal(
            posted.Skip(5).Take(10),
            TopicFrames.Ids(await alice.Socket.AskAsync(new TopicHistory(topic, 10, AfterId: posted[4]))));
    }

    [Fact]
    public async Task Who_has_joined_reads_what_was_said_before()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string general = await alice.Socket.GeneralAsync();
        await alice.Socket.PostAsync(general, "long ago", bodyVersion: 3);

        await using TestPeer late = await mesh.JoinAsync("late");
        JsonNode post = (await late.Socket.AskAsync(new TopicHistory("general")))["messages"]![0]!;

        Assert.Equal((3, "alice", alice.Key), ((int?)post["bodyVersion"], (string?)post["senderName"], (string?)post["senderMemberPubkey"]));
        Assert.NotNull(post["header"]);
        Assert.NotNull(post["client_message_id"]);
    }

    [Fact]
    public async Task A_cursor_of_another_topic_is_refused()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string general = await alice.Socket.GeneralAsync();
        string elsewhere = await alice.Socket.PostedAsync(await alice.Socket.CreateTopicAsync("other"), "elsewhere");
        string direct = (string)(await alice.SendAsync(alice.Key, "to myself"))["messageId"]!;

        foreach (string wrong in (string[])[elsewhere, direct, new string('0', 32), "nonsense"])
        {
            Assert.Equal("cursor_elsewhere", (string?)(await alice.Socket.AskAsync(new TopicHistory(general, BeforeId: wrong)))["code"]);
            Assert.Equal("cursor_elsewhere", (string?)(await alice.Socket.AskAsync(new TopicHistory(general, AfterId: wrong)))["code"]);
        }
    }

    [Fact]
    public async Task Nonsense_is_refused_with_what_is_wrong_and_1x_counts_are_cut()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using LegacyPeer carol = await mesh.JoinLegacyAsync("carol");

        Assert.Equal("invalid_args", (string?)(await alice.Socket.AskAsync(new TopicHistory("general", 0)))["code"]);
        Assert.Equal("invalid_args", (string?)(await alice.Socket.AskAsync(new TopicHistory("general", 201)))["code"]);
        Assert.Equal("invalid_args", (string?)(await alice.Socket.AskAsync(new TopicHistory("general", BeforeId: "a", AfterId: "b")))["code"]);
        Assert.Empty(TopicFrames.Ids(await carol.Socket.AskAsync(new TopicHistory("general", 100_000))));
    }

    [Fact]
    public async Task A_page_is_no_larger_than_a_frame_and_says_that_there_is_more()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(change: settings => settings);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string general = await alice.Socket.GeneralAsync();
        int size = (int)alice.Welcome["bodyBytesMax"]! - 100;
        int count = (int)alice.Welcome["frameBytesMax"]! / (size * 4 / 3) + 3;
        for (int i = 0; i < count; i++)
            Assert.Null((string?)(await alice.Socket.PostAsync(general, new string('x', size)))["code"]);

        JsonObject page = await alice.Socket.AskAsync(new TopicHistory(general, 200));

        Assert.True((bool?)page["more"]);
        int given = TopicFrames.Ids(page).Length;
        Assert.InRange(given, 1, count - 1);
        Assert.True(given * size * 4 / 3 < (int)alice.Welcome["frameBytesMax"]!);
        Assert.Equal(count - given, await CountBeforeAsync(alice, general, TopicFrames.Ids(page)[^1]));
    }

    private static async Task<int> CountBeforeAsync(TestPeer peer, string topic, string before)
    {
        int count = 0;
        while (true)
        {
            JsonObject page = await peer.Socket.AskAsync(new TopicHistory(topic, 200, before));
            string[] ids = TopicFrames.Ids(page);
            count += ids.Length;
            if ((bool?)page["more"] != true)
                return count;

            before = ids[^1];
        }
    }
}
