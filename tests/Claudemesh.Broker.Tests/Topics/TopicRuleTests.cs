using System.Text.Json.Nodes;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Topics;

/// <summary>Who may find, join, read, post in and change which topic.</summary>
public sealed class TopicRuleTests
{
    [Fact]
    public async Task A_workspace_is_born_with_general_and_every_member_is_in_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestSocket owner = (await new TestMember(mesh, mesh.OwnerKey, "owner", "").ConnectAsync()).Socket;

        JsonArray members = (await alice.Socket.AskAsync(new TopicMembers("general")))["members"]!.AsArray();

        Assert.Equal(["owner lead", "alice member"], members.Select(row => $"{row!["displayName"]} {row["role"]}"));
        JsonObject general = (JsonObject)(await owner.AskAsync(new TopicListRequest()))["topics"]![0]!;
        Assert.Equal(("general", "lead", 2), ((string?)general["name"], (string?)general["role"], (int?)general["memberCount"]));
        await owner.DisposeAsync();
    }

    [Fact]
    public async Task General_is_neither_left_nor_renamed_nor_archived()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await new TestMember(mesh, mesh.OwnerKey, "owner", "").ConnectAsync("desk");
        string general = await owner.Socket.GeneralAsync();
        string other = await owner.Socket.CreateTopicAsync("other");

        Assert.Equal("general_stays", await owner.Socket.TellAsync(new TopicLeave("general")));
        Assert.Equal("general_stays", (string?)(await owner.Socket.AskAsync(new TopicUpdate(general, TopicName.Parse("lobby"))))["code"]);
        Assert.Equal("general_stays", (string?)(await owner.Socket.AskAsync(new TopicUpdate(general, Archived: true)))["code"]);
        Assert.Equal("general_stays", (string?)(await owner.Socket.AskAsync(new TopicUpdate(other, TopicName.Parse("general"))))["code"]);
        Assert.Equal("all of us", (string?)(await owner.Socket.AskAsync(new TopicUpdate(general, Description: "all of us")))["topic"]!["description"]);
    }

    [Fact]
    [Trait("wire", "7.3 #11")]
    public async Task Nobody_becomes_lead_by_naming_a_topic_or_by_asking_for_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using LegacyPeer mallory = await mesh.JoinLegacyAsync("mallory");
        await alice.Socket.CreateTopicAsync("deploys");

        JsonObject found = await mallory.Socket.AskAsync(new TopicCreate(TopicName.Parse("deploys")));
        await mallory.Socket.TellAsync(new TopicJoin("deploys", TopicRole.Lead));

        Assert.False((bool?)found["created"]);
        JsonArray members = (await alice.Socket.AskAsync(new TopicMembers("deploys")))["members"]!.AsArray();
        Assert.Equal(["alice lead", "mallory member"], members.Select(row => $"{row!["displayName"]} {row["role"]}"));
        Assert.Equal("topic_lead_only", (string?)(await mallory.Socket.AskAsync(new TopicUpdate("deploys", Archived: true)))["code"]);
    }

    [Fact]
    [Trait("wire", "7.3 #11")]
    public async Task A_private_topic_answers_like_one_that_is_not_there()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer carol = await mesh.JoinLegacyAsync("carol");
        await using TestPeer mallory = await mesh.JoinAsync("mallory");
        string topic = await carol.Socket.CreateTopicAsync("secret", TopicVisibility.Private);
        await carol.Socket.PostedAsync(topic, "just for me");

        foreach (string name in (string[])["secret", topic, "no-such-topic", new string('x', 32)])
        {
            Assert.Equal("topic_not_found", await mallory.Socket.TellAsync(new TopicJoin(name)));
            Assert.Equal("topic_not_found", await mallory.Socket.TellAsync(new TopicLeave(name)));
            Assert.Equal("topic_not_found", await mallory.Socket.TellAsync(new TopicMarkRead(name)));
            Assert.Equal("topic_not_found", (string?)(await mallory.Socket.AskAsync(new TopicMembers(name)))["code"]);
            Assert.Equal("topic_not_found", (string?)(await mallory.Socket.AskAsync(new TopicHistory(name)))["code"]);
            Assert.Equal("topic_not_found", (string?)(await mallory.Socket.AskAsync(new TopicUpdate(name, Archived: true)))["code"]);
            Assert.Equal("topic_not_found", (string?)(await mallory.Socket.PostAsync(name, "let me in"))["code"]);
        }

        Assert.Equal(["general"], await mallory.Socket.NamesAsync());
        JsonObject own = await mallory.Socket.AskAsync(new TopicCreate(TopicName.Parse("secret")));
        Assert.True((bool?)own["created"], "a name that somebody has in private is free for who may not know of it");
        Assert.NotEqual(topic, (string?)own["topic"]!["id"]);
    }

    [Fact]
    public async Task Of_two_topics_of_one_name_the_one_that_is_ones_own_is_meant()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer carol = await mesh.JoinLegacyAsync("carol");
        await using TestPeer mallory = await mesh.JoinAsync("mallory");
        string own = await carol.Socket.CreateTopicAsync("plans", TopicVisibility.Private);
        await mallory.Socket.CreateTopicAsync("plans");

        await carol.Socket.PostedAsync(own, "mine");

        Assert.Equal(["mine"], TopicFrames.Texts(await carol.Socket.AskAsync(new TopicHistory("plans"))));
    }

    [Fact]
    public async Task Our_clients_make_no_private_topic_without_its_log()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");

        JsonObject refused = await alice.Socket.AskAsync(new TopicCreate(TopicName.Parse("secret"), Visibility: TopicVisibility.Private));

        Assert.Equal("topic_needs_log", (string?)refused["code"]);
    }

    [Fact]
    public async Task An_observer_reads_and_does_not_post()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        string topic = await alice.Socket.CreateTopicAsync("deploys");
        await bob.Socket.TellAsync(new TopicJoin(topic, TopicRole.Observer));

        JsonObject refused = await bob.Socket.PostAsync(topic, "me too");
        await alice.Socket.PostedAsync(topic, "for all");

        Assert.Equal("topic_read_only", (string?)refused["code"]);
        Assert.Contains("forbidden", (string?)refused["error"], StringComparison.Ordinal);
        Assert.Equal("for all", (await bob.NextMessageAsync()).Text);
        await bob.Socket.TellAsync(new TopicJoin(topic, TopicRole.Member));
        Assert.Null((string?)(await bob.Socket.PostAsync(topic, "now I may"))["code"]);
    }

    [Fact]
    public async Task An_archived_topic_is_not_listed_or_posted_to_and_its_history_stays()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string topic = await alice.Socket.CreateTopicAsync("deploys");
        await alice.Socket.PostedAsync(topic, "the last word");

        JsonObject archived = await alice.Socket.AskAsync(new TopicUpdate(topic, Archived: true));

        Assert.NotNull(archived["topic"]!["archivedAt"]);
        Assert.Equal(["general"], await alice.Socket.NamesAsync());
        Assert.Equal(["deploys", "general"], await alice.Socket.NamesAsync(archived: true));
        Assert.Equal("topic_archived", (string?)(await alice.Socket.PostAsync(topic, "one more"))["code"]);
        Assert.Equal(["the last word"], TopicFrames.Texts(await alice.Socket.AskAsync(new TopicHistory(topic))));

        string second = await alice.Socket.CreateTopicAsync("deploys");
        Assert.NotEqual(topic, second);
        Assert.Equal("topic_name_taken", (string?)(await alice.Socket.AskAsync(new TopicUpdate(topic, Archived: false)))["code"]);
        await alice.Socket.AskAsync(new TopicUpdate(second, TopicName.Parse("deploys-2")));
        Assert.Null((await alice.Socket.AskAsync(new TopicUpdate(topic, Archived: false)))["topic"]!["archivedAt"]);
        Assert.Null((string?)(await alice.Socket.PostAsync(topic, "one more"))["code"]);
    }

    [Fact]
    public async Task A_name_belongs_to_one_open_topic()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await alice.Socket.CreateTopicAsync("one");
        string two = await alice.Socket.CreateTopicAsync("two");

        JsonObject refused = await alice.Socket.AskAsync(new TopicUpdate(two, TopicName.Parse("one")));

        Assert.Equal("topic_name_taken", (string?)refused["code"]);
        Assert.Equal(["general", "one", "two"], await alice.Socket.NamesAsync());
    }

    [Fact]
    public async Task A_topic_is_found_by_id_and_by_name_and_posted_to_by_id_alone()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer carol = await mesh.JoinLegacyAsync("carol");
        string topic = await carol.Socket.CreateTopicAsync("deploys");

        JsonObject ack = await carol.Socket.PostAsync("deploys", "by name");

        Assert.False((bool?)ack["queued"]);
        Assert.Equal("topic_not_found", (string?)ack["code"]);
        Assert.Contains("#" + topic, (string?)ack["error"], StringComparison.Ordinal);
        await carol.Socket.PostedAsync(topic, "by id");
        Assert.Equal(["by id"], TopicFrames.Texts(await carol.Socket.AskAsync(new TopicHistory("deploys"))));
        Assert.Equal(["by id"], TopicFrames.Texts(await carol.Socket.AskAsync(new TopicHistory(topic))));
    }

    [Fact]
    public async Task A_reply_stays_in_its_topic()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using LegacyPeer carol = await mesh.JoinLegacyAsync("carol");
        string general = await alice.Socket.GeneralAsync();
        string other = await alice.Socket.CreateTopicAsync("other");
        string parent = await alice.Socket.PostedAsync(other, "asked here");

        Assert.Equal("reply_elsewhere", (string?)(await alice.Socket.PostAsync(general, "answered there", replyTo: parent))["code"]);
        Assert.Equal("reply_elsewhere", (string?)(await alice.Socket.PostAsync(general, "to nothing", replyTo: new string('0', 32)))["code"]);
        Assert.Null((string?)(await carol.Socket.PostAsync(general, "1.x loses the reference", replyTo: parent))["code"]);
        Assert.Null((string?)(await alice.Socket.PostAsync(other, "answered here", replyTo: parent))["code"]);

        Assert.Null((await alice.Socket.AskAsync(new TopicHistory(general)))["messages"]![0]!["replyToId"]);
        Assert.Equal(parent, (string?)(await alice.Socket.AskAsync(new TopicHistory(other)))["messages"]![0]!["replyToId"]);
    }

    [Fact]
    public async Task A_mention_of_nobody_is_nobodys_and_one_that_is_no_name_is_refused()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string general = await alice.Socket.GeneralAsync();

        Assert.Null((string?)(await alice.Socket.PostAsync(general, "hello", mentions: ["nobody", "alice"]))["code"]);
        Assert.Equal("invalid_args", (string?)(await alice.Socket.PostAsync(general, "hello", mentions: ["Alice"]))["code"]);
        Assert.Equal("invalid_args", (string?)(await alice.Socket.PostAsync(general, "hello", mentions: ["@alice"]))["code"]);
        Assert.Equal("invalid_args", (string?)(await alice.Socket.PostAsync(general, "hello", mentions: [.. Enumerable.Repeat("a", 17)]))["code"]);
    }

    [Fact]
    public async Task Who_is_banned_is_out_of_every_topic_and_comes_back_into_general_alone()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await new TestMember(mesh, mesh.OwnerKey, "owner", "").ConnectAsync("desk");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        string topic = await owner.Socket.CreateTopicAsync("deploys");
        await bob.Socket.TellAsync(new TopicJoin(topic));

        await owner.Socket.AskAsync(new Ban("bob"));
        await bob.Socket.ClosedAsync();

        Assert.Equal(["owner"], await NamesInAsync(owner.Socket, topic));
        Assert.Equal(["owner"], await NamesInAsync(owner.Socket, "general"));
        await owner.Socket.AskAsync(new Unban("bob"));
        Assert.Equal(["owner"], await NamesInAsync(owner.Socket, topic));
        Assert.Equal(["owner", "bob"], await NamesInAsync(owner.Socket, "general"));
        await using TestPeer back = await bob.Member.ConnectAsync();
        await back.Socket.GeneralAsync();
        await owner.Socket.PostedAsync(await owner.Socket.GeneralAsync(), "welcome back");
        Assert.Equal("welcome back", (await back.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task Clients_of_ours_are_told_of_what_changes()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer bobs = await bob.Member.ConnectAsync("device2");
        await bobs.Socket.GeneralAsync();
        string topic = await alice.Socket.CreateTopicAsync("deploys", description: "what goes out");

        JsonObject made = await ChangeAsync(bob, topic);
        Assert.Equal(("deploys", "what goes out"), ((string?)made["info"]!["name"], (string?)made["info"]!["description"]));
        Assert.Null(made["info"]!["role"]);
        await bob.Socket.TellAsync(new TopicJoin(topic));
        await ChangeAsync(bobs, topic);
        Assert.Equal("member", (string?)(await ChangeAsync(bobs, topic))["info"]!["role"]);
        string post = await alice.Socket.PostedAsync(topic, "read me");
        await bob.Socket.TellAsync(new TopicMarkRead(topic));
        Assert.True((long?)(await ChangeAsync(bobs, topic))["info"]!["lastReadPosition"] > 0, post);
    }

    [Fact]
    public async Task A_read_mark_rises_and_never_goes_back()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        string general = await alice.Socket.GeneralAsync();
        string other = await alice.Socket.CreateTopicAsync("other");
        string elsewhere = await alice.Socket.PostedAsync(other, "elsewhere");
        string first = await alice.Socket.PostedAsync(general, "first");
        string second = await alice.Socket.PostedAsync(general, "second");

        Assert.Null(await alice.Socket.TellAsync(new TopicMarkRead(general, second)));
        Assert.Null(await alice.Socket.TellAsync(new TopicMarkRead(general, first)));
        Assert.Equal("cursor_elsewhere", await alice.Socket.TellAsync(new TopicMarkRead(general, elsewhere)));

        JsonNode row = (await alice.Socket.AskAsync(new TopicListRequest()))["topics"]![0]!;
        Assert.Equal((long?)row["lastPosition"], (long?)row["lastReadPosition"]);
        Assert.NotNull((await alice.Socket.AskAsync(new TopicMembers(general)))["members"]!.AsArray().Single(each => (string?)each!["displayName"] == "alice")!["lastReadAt"]);
    }

    [Fact]
    public async Task A_1x_client_is_spared_the_fields_that_it_does_not_know()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer carol = await mesh.JoinLegacyAsync("carol");
        string general = await carol.Socket.GeneralAsync();
        await carol.Socket.PostedAsync(general, "hello");

        JsonObject topic = (JsonObject)(await carol.Socket.AskAsync(new TopicListRequest()))["topics"]![0]!;
        JsonObject post = (JsonObject)(await carol.Socket.AskAsync(new TopicHistory("general", 500)))["messages"]![0]!;

        Assert.Equal(["id", "name", "description", "visibility", "memberCount", "createdAt"], topic.Select(field => field.Key));
        Assert.Equal(
            ["id", "senderPubkey", "senderMemberId", "senderName", "nonce", "ciphertext", "bodyVersion", "createdAt"], post.Select(field => field.Key));
    }

    private static async Task<string[]> NamesInAsync(TestSocket socket, string topic) =>
        [.. (await socket.AskAsync(new TopicMembers(topic)))["members"]!.AsArray().Select(row => (string)row!["displayName"]!)];

    private static Task<JsonObject> ChangeAsync(TestPeer peer, string topic) =>
        peer.Socket.NextAsync("topic_changed", frame => TestSocket.IsType(frame, "topic_changed") && (string?)frame["id"] == topic);
}
