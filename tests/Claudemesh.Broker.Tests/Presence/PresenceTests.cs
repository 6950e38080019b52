using System.Text.Json.Nodes;
using Claudemesh.Broker.Grants;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Tests.Compatibility;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Presence;

/// <summary>Who counts as here, for how long, and who is told.</summary>
public sealed class PresenceTests
{
    private readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task A_peer_that_lost_its_connection_is_listed_for_90_seconds_and_then_leaves_once()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using LegacyPeer watcher = await mesh.JoinLegacyAsync("watcher");
        LegacyPeer bob = await mesh.JoinLegacyAsync("bob");
        await watcher.Socket.NextEventAsync("peer_joined");

        await LoseAsync(mesh, watcher.Socket, bob.Socket, bob.Key);
        await PassAsync(PresenceLease.Grace - TimeSpan.FromSeconds(1), watcher.Socket);
        Assert.Contains(await watcher.Socket.PeersAsync(), peer => (string?)peer["pubkey"] == bob.Key);
        clock.Advance(TimeSpan.FromSeconds(1));
        JsonObject left = await watcher.Socket.NextEventAsync("peer_left");
        await PassAsync(TimeSpan.FromMinutes(3), watcher.Socket);

        Assert.Equal(bob.Key, (string?)left["eventData"]!["pubkey"]);
        Assert.DoesNotContain(await watcher.Socket.PeersAsync(), peer => (string?)peer["pubkey"] == bob.Key);
        Assert.Empty(await watcher.Socket.EventsAsync());
    }

    [Fact]
    public async Task A_peer_that_returns_within_the_lease_is_the_same_presence_and_nobody_is_told()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using LegacyPeer watcher = await mesh.JoinLegacyAsync("watcher");
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        SigningKey key = SigningKey.Generate();
        LegacyPeer member = await bob.ConnectLegacyAsync();
        LegacyPeer session = await bob.ConnectLegacySessionAsync(key, "s1");
        await JoinsAsync(watcher, 2);

        await LoseAsync(mesh, watcher.Socket, member.Socket, member.Key);
        await LoseAsync(mesh, watcher.Socket, session.Socket, session.Key);
        await PassAsync(TimeSpan.FromSeconds(89), watcher.Socket);
        await using LegacyPeer memberAgain = await bob.ConnectLegacyAsync();
        await using LegacyPeer sessionAgain = await bob.ConnectLegacySessionAsync(key, "s1");
        await PassAsync(TimeSpan.FromMinutes(3), watcher.Socket, memberAgain.Socket, sessionAgain.Socket);

        Assert.Equal((string?)member.Ack["presenceId"], (string?)memberAgain.Ack["presenceId"]);
        Assert.Equal((string?)session.Ack["presenceId"], (string?)sessionAgain.Ack["presenceId"]);
        Assert.False(sessionAgain.Ack.ContainsKey("memberProfile"));
        Assert.Empty(await watcher.Socket.EventsAsync());
        Assert.Equal(3, (await watcher.Socket.PeersAsync()).Count);
    }

    [Theory]
    [InlineData("claudemesh-daemon")]
    [InlineData("sdk")]
    [Trait("wire", "7.2 #25")]
    public async Task Nobody_is_told_that_a_member_left_who_is_back_under_another_instance(string channel)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using LegacyPeer watcher = await mesh.JoinLegacyAsync("watcher");
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        LegacyPeer before = await bob.ConnectLegacyAsync(sessionId: "daemon-100");
        await LoseAsync(mesh, watcher.Socket, before.Socket, before.Key);

        await using LegacyPeer back = await bob.ConnectLegacyAsync(channel, "daemon-200");
        await PassAsync(TimeSpan.FromMinutes(3), watcher.Socket, back.Socket);

        Assert.DoesNotContain("peer_left", await watcher.Socket.EventsAsync());
        Assert.Single(await watcher.Socket.PeersAsync(), peer => (string?)peer["pubkey"] == back.Key);
    }

    [Fact]
    public async Task Who_says_goodbye_is_gone_at_once()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using LegacyPeer watcher = await mesh.JoinLegacyAsync("watcher");
        TestPeer bob = await mesh.JoinAsync("bob");
        await bob.OpenSessionAsync("s1");
        await JoinsAsync(watcher, 2);

        await bob.Socket.CloseAsync();
        await watcher.Socket.NextEventAsync("peer_left");
        await watcher.Socket.NextEventAsync("peer_left");

        Assert.Single(await watcher.Socket.PeersAsync());
        await PassAsync(TimeSpan.FromMinutes(3), watcher.Socket);
        Assert.Empty(await watcher.Socket.EventsAsync());
    }

    [Fact]
    public async Task A_session_that_is_closed_is_gone_at_once_and_its_device_stays()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using LegacyPeer watcher = await mesh.JoinLegacyAsync("watcher");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        SessionSecretKey session = await bob.OpenSessionAsync("s1");

        await bob.Socket.SendAsync(new SessionClose(SessionId.Parse("s1")), "close");
        await bob.Socket.NextAsync("session_closed");
        JsonObject left = await watcher.Socket.NextEventAsync("peer_left");
        await bob.Socket.SendAsync(new SessionClose(SessionId.Parse("s1")), "again");

        Assert.Equal(session.Public.ToString(), (string?)left["eventData"]!["pubkey"]);
        await bob.Socket.NextAsync("session_closed");
        Assert.Single(await watcher.Socket.PeersAsync(), peer => (string?)peer["memberPubkey"] == bob.Key);
    }

    [Fact]
    public async Task A_session_that_is_opened_on_another_device_moves_there_with_its_messages()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        await using TestPeer laptop = await bob.ConnectAsync("laptop");
        await using TestPeer desktop = await bob.ConnectAsync("desktop");
        SessionSecretKey session = await laptop.OpenSessionAsync("s1");
        await alice.SendAsync(session.Public.ToString(), "on the laptop");
        Received first = await laptop.NextMessageAsync(acknowledge: false);
        await laptop.AcknowledgeAsync(first);
        await laptop.Socket.PeersAsync();
        await JoinsAsync(alice, 3);

        await desktop.OpenSessionAsync("s1");
        await alice.SendAsync(session.Public.ToString(), "on the desktop");
        Received moved = await desktop.NextMessageAsync();

        Assert.Equal(("on the laptop", "s1"), (first.Text, first.Session));
        Assert.Equal(("on the desktop", "s1"), (moved.Text, moved.Session));
        Assert.Empty(await laptop.Socket.AllUntilAnsweredAsync("push"));
        Assert.Empty(await alice.Socket.EventsAsync());
        Assert.Single(await alice.Socket.PeersAsync(), peer => (string?)peer["pubkey"] == session.Public.ToString());
        await laptop.Socket.CloseAsync();
        Assert.Equal("session", (string?)(await alice.Socket.PeersAsync()).Single(
            peer => (string?)peer["pubkey"] == session.Public.ToString())["peerRole"]);
    }

    [Fact]
    public async Task A_hidden_peer_is_listed_for_its_own_member_only_and_still_gets_what_is_sent_to_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using LegacyPeer watcher = await mesh.JoinLegacyAsync("watcher");
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");

        await bob.Socket.SendAsync(new SetVisible(Visible: false), "hide");
        await bob.Socket.NextAsync("ack");
        JsonObject hidden = await watcher.Socket.NextEventAsync("peer_hidden");
        await watcher.SendAsync(bob.Key, "I know you are there");

        Assert.Equal(bob.Key, (string?)hidden["eventData"]!["pubkey"]);
        Assert.DoesNotContain(await watcher.Socket.PeersAsync(), peer => (string?)peer["pubkey"] == bob.Key);
        Assert.Contains(await bob.Socket.PeersAsync(), peer => (string?)peer["pubkey"] == bob.Key);
        Assert.Equal("I know you are there", (await bob.NextMessageAsync()).Text);

        await bob.Socket.SendAsync(new SetVisible(Visible: true), "show");
        await watcher.Socket.NextEventAsync("peer_visible");
        Assert.Contains(await watcher.Socket.PeersAsync(), peer => (string?)peer["pubkey"] == bob.Key);
    }

    [Theory]
    [InlineData(PresenceStatus.Working)]
    [InlineData(PresenceStatus.Dnd)]
    public async Task Only_now_interrupts_and_becoming_idle_lets_the_rest_in_at_once(PresenceStatus status)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        await using LegacyPeer session = await bob.ConnectLegacySessionAsync(SigningKey.Generate(), "s1");
        await session.Socket.SendAsync(new SetStatus(status));
        await session.Socket.PeersAsync();

        await alice.SendAsync(session.Key, "next", Priority.Next);
        await alice.SendAsync(session.Key, "low", Priority.Low);
        await alice.SendAsync(session.Key, "now", Priority.Now);
        Assert.Equal("now", (await session.NextMessageAsync()).Text);
        Assert.DoesNotContain(await session.Socket.AllUntilAnsweredAsync("push"), push => push["event"] is null);

        await session.Socket.SendAsync(new SetStatus(PresenceStatus.Idle));
        string[] texts = [(await session.NextMessageAsync()).Text, (await session.NextMessageAsync()).Text];
        Assert.Equal(["low", "next"], texts.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_message_to_a_group_reaches_who_is_in_a_group_below_it_and_not_who_is_in_one_above()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        TestMember carol = await mesh.AddMemberAsync("carol", legacy: true);
        TestMember dave = await mesh.AddMemberAsync("dave", legacy: true);
        await using LegacyPeer below = await carol.ConnectLegacyAsync(groups: [new GroupTag("a/b/c", null)]);
        await using LegacyPeer above = await dave.ConnectLegacyAsync(groups: [new GroupTag("a", null)]);

        await alice.SendAsync("@a/b/c", "deep");
        await alice.SendAsync("@a/b", "middle");
        await alice.SendAsync("@a", "top");
        await alice.SendAsync("@a/bb", "elsewhere");

        Assert.Equal("top", (await above.NextMessageAsync()).Text);
        Assert.Equal("deep", (await below.NextMessageAsync()).Text);
        Assert.Equal("middle", (await below.NextMessageAsync()).Text);
        Assert.Equal("top", (await below.NextMessageAsync()).Text);
        Assert.DoesNotContain(await above.Socket.AllUntilAnsweredAsync("push"), push => push["event"] is null);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_member_who_is_away_from_its_group_gets_what_was_sent_to_it_later(bool restart)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        await using LegacyPeer watcher = await mesh.JoinLegacyAsync("watcher");
        LegacyPeer before = await bob.ConnectLegacyAsync();
        await before.Socket.SendAsync(new JoinGroup(GroupName.Parse("team"), "lead"));
        await before.Socket.SendAsync(new JoinGroup(GroupName.Parse("gone"), null));
        await before.Socket.SendAsync(new LeaveGroup(GroupName.Parse("gone")));
        await before.Socket.PeersAsync();
        await LoseAsync(mesh, watcher.Socket, before.Socket, before.Key);
        await PassAsync(TimeSpan.FromMinutes(3), watcher.Socket);
        if (restart)
            await mesh.Broker.RestartAsync();

        await using LegacyPeer sender = await alice.ConnectLegacyAsync();
        await sender.SendAsync("@gone", "not for bob");
        await sender.SendAsync("@team", "for the team");
        await using LegacyPeer back = await bob.ConnectLegacyAsync();

        Assert.Equal("for the team", (await back.NextMessageAsync()).Text);
        JsonObject row = Assert.Single(await back.Socket.PeersAsync(), peer => (string?)peer["pubkey"] == back.Key);
        Assert.Equal("team", (string?)Assert.Single(row["groups"]!.AsArray())!["name"]);
    }

    [Fact]
    public async Task Who_is_blocked_is_told_so_when_it_writes_and_is_not_heard_when_it_broadcasts()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");
        await using LegacyPeer carol = await mesh.JoinLegacyAsync("carol");
        Workspace workspace = await mesh.OpenAsync();
        MeshMember recipient = workspace.Members.Find(bob.Member.Key.Public)!;
        workspace.Grants.Set(recipient.No, alice.Member.Key.Public, Capability.None);
        workspace.RefreshDirectory();

        JsonObject refused = await alice.SendAsync(bob.Key, "let me in");
        await alice.SendAsync("*", "hear ye");
        Assert.Equal("hear ye", (await carol.NextMessageAsync()).Text);
        workspace.Grants.Set(recipient.No, alice.Member.Key.Public, capabilities: null);
        workspace.RefreshDirectory();
        await alice.SendAsync(bob.Key, "thank you");

        Assert.False((bool)refused["queued"]!);
        Assert.StartsWith("blocked by recipient grants", (string?)refused["error"], StringComparison.Ordinal);
        Assert.Equal("thank you", (await bob.NextMessageAsync()).Text);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("@all")]
    public async Task A_broadcast_that_a_block_kept_out_does_not_count_as_delivered(string target)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer carol = await mesh.JoinAsync("carol");
        Workspace workspace = await mesh.OpenAsync();
        MeshMember recipient = workspace.Members.Find(bob.Member.Key.Public)!;
        workspace.Grants.Set(recipient.No, alice.Member.Key.Public, Capability.None);
        workspace.RefreshDirectory();

        JsonObject ack = await alice.SendAsync(target, "hear ye");
        await carol.NextMessageAsync();
        await carol.SendAsync(bob.Key, "what comes after it");
        await bob.NextMessageAsync();
        await bob.Socket.PeersAsync();
        await carol.Socket.PeersAsync();
        clock.Advance(TimeSpan.FromSeconds(1));
        await bob.SendAsync(alice.Key, "so that cursors are written");
        await alice.NextMessageAsync();
        await alice.Socket.SendAsync(new MessageStates([MessageId.Parse((string)ack["messageId"]!)]), "states");
        JsonObject states = await alice.Socket.NextAsync("message_states_result");

        JsonNode row = Assert.Single(states["results"]!.AsArray())!;
        Assert.Equal(1, (int)row["delivered"]!);
    }

    /// <summary>Lets time pass for peers that are heard of now and then: a silent one counts as lost after 75 s.</summary>
    private async Task PassAsync(TimeSpan time, params TestSocket[] alive)
    {
        TimeSpan stride = TimeSpan.FromSeconds(20);
        for (TimeSpan left = time; left > TimeSpan.Zero; left -= stride)
        {
            clock.Advance(left < stride ? left : stride);
            foreach (TestSocket socket in alive)
                await socket.PeersAsync();
        }
    }

    /// <summary>Waits until the arrivals have been told: that happens after the one who arrives has his answer.</summary>
    private static async Task JoinsAsync(LegacyPeer watcher, int count)
    {
        for (int i = 0; i < count; i++)
            await watcher.Socket.NextEventAsync("peer_joined");
    }

    /// <summary>Drops the connection and waits until the broker has noticed.</summary>
    private static async Task LoseAsync(TestMesh mesh, TestSocket observer, TestSocket lost, string key)
    {
        PresenceRoster roster = (await mesh.OpenAsync()).Roster;
        lost.Lose();
        await observer.EventuallyAsync(
            "the broker noticed the loss", () => roster.List().All(peer => peer.Identity.RoutingKey.ToString() != key || !peer.Online));
    }
}
