using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Compatibility;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Presence;

/// <summary>What a peer of ours says of itself when it arrives holds from the first moment.</summary>
public sealed class StandingTests
{
    [Fact]
    public async Task Who_arrives_hidden_is_announced_to_nobody_and_leaves_unannounced()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer watcher = await mesh.JoinLegacyAsync("watcher");
        TestMember bob = await mesh.AddMemberAsync("bob");
        await using (TestSocket hidden = await ArriveAsync(mesh, bob, new Standing(Visible: false)))
            Assert.Single(await hidden.PeersAsync(), peer => (string?)peer["pubkey"] == bob.Key.Public.ToString());

        await using TestPeer carol = await mesh.JoinAsync("carol");
        JsonObject first = await watcher.Socket.NextEventAsync("peer_joined");

        Assert.Equal("carol", (string?)first["eventData"]!["name"]);
        Assert.DoesNotContain(await watcher.Socket.PeersAsync(), peer => (string?)peer["pubkey"] == bob.Key.Public.ToString());
        Assert.Empty(await watcher.Socket.EventsAsync());
    }

    [Fact]
    public async Task Who_arrives_not_to_be_disturbed_is_pushed_only_what_is_for_now()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        await alice.SendAsync(bob.Key.Public.ToString(), "later", Priority.Next);
        await alice.SendAsync(bob.Key.Public.ToString(), "fire", Priority.Now);

        await using TestSocket socket = await ArriveAsync(mesh, bob, new Standing(PresenceStatus.Dnd));
        Received first = Received.Of(await socket.NextAsync("a message", IsMessage));
        await socket.SendAsync(new SetStatus(PresenceStatus.Idle));
        Received second = Received.Of(await socket.NextAsync("a message", IsMessage));

        Assert.Equal(("fire", "later"), (first.Text, second.Text));
    }

    [Fact]
    public async Task Who_returns_is_as_he_says_and_without_a_word_as_he_was()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        await using (await ArriveAsync(mesh, bob, new Standing(PresenceStatus.Dnd, Summary: "asleep", Profile: new PeerProfile(Title: "t"))))
        {
            JsonObject there = await FindAsync(alice, bob);
            Assert.Equal(("dnd", "asleep", "t"), ((string?)there["status"], (string?)there["summary"], (string?)there["profile"]!["title"]));
        }

        await using (await ArriveAsync(mesh, bob, standing: null))
            Assert.Equal("asleep", (string?)(await FindAsync(alice, bob))["summary"]);

        await using TestSocket again = await ArriveAsync(mesh, bob, new Standing());
        JsonObject back = await FindAsync(alice, bob);
        Assert.Equal(("idle", null, null), ((string?)back["status"], (string?)back["summary"], back["profile"]));
    }

    [Fact]
    public async Task Who_returns_without_groups_has_left_those_that_he_was_in()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        await using (await ArriveAsync(mesh, bob, new Standing(), new GroupTag("backend")))
            Assert.Single((await FindAsync(alice, bob))["groups"]!.AsArray());

        await using TestSocket again = await ArriveAsync(mesh, bob, new Standing(), []);
        Assert.Empty((await FindAsync(alice, bob))["groups"]!.AsArray());
    }

    [Fact]
    public async Task A_new_name_is_the_members_for_all_and_for_good()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await bob.Socket.SendAsync(new SetProfile(DisplayName: DisplayName.Parse("Robert")), "p1");
        await bob.Socket.NextAsync("ack");

        await alice.Socket.SendAsync(new ListMembers(), "m1");
        JsonObject members = await alice.Socket.NextAsync("members_list");

        Assert.Contains(members["members"]!.AsArray(), member => (string?)member!["displayName"] == "Robert");
        Assert.Equal("Robert", (string?)(await FindAsync(alice, bob.Member))["displayName"]);
    }

    private static bool IsMessage(JsonObject frame) => TestSocket.IsType(frame, "push") && frame["subtype"] is null;

    private static async Task<TestSocket> ArriveAsync(TestMesh mesh, TestMember member, Standing? standing, params GroupTag[]? groups)
    {
        TestSocket socket = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        JsonObject challenge = await socket.NextAsync("challenge");
        await socket.SendAsync(member.Hello(challenge) with { Standing = standing, Groups = groups }, "hello");
        await socket.NextAsync("member_welcome");
        return socket;
    }

    private static async Task<JsonObject> FindAsync(TestPeer from, TestMember member) =>
        Assert.Single(await from.Socket.PeersAsync(), peer => (string?)peer["memberPubkey"] == member.Key.Public.ToString());
}
