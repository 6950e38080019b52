using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>
/// The defects of 1.x that this broker does not repeat, by their numbers in wire reference 7.2. Each test has its number as a trait, here
/// and elsewhere; which have no test yet, and why, is in the list of lessons of the Tidy tests.
/// </summary>
public sealed class LegacyDefectTests
{
    [Fact]
    [Trait("wire", "7.2 #1")]
    public async Task Connections_that_were_taken_over_do_not_fill_the_workspace()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(change: settings => settings with { Limits = new BrokerLimits { WorkspaceConnections = 3 } });
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        SigningKey key = SigningKey.Generate();
        LegacyPeer session = await alice.ConnectLegacySessionAsync(key, "s1");
        Workspace workspace = await mesh.OpenAsync();

        for (int i = 0; i < 5; i++)
        {
            LegacyPeer next = await alice.ConnectLegacySessionAsync(key, "s1");
            await session.Socket.ClosedAsync();
            Assert.Equal("session_replaced", session.Socket.CloseReason);
            await session.DisposeAsync();
            session = next;

            // The owner's own connection, which makes the invites, is the other one.
            await session.Socket.EventuallyAsync("the old socket is gone", () => workspace.Sockets.Count == 2);
        }

        Assert.Single(await session.Socket.PeersAsync());
        await session.DisposeAsync();
    }

    [Fact]
    [Trait("wire", "7.2 #2")]
    [Trait("cli", "7 identity: a verb that evicts its own session")]
    public async Task A_cold_verb_inside_a_session_does_not_evict_the_sessions_socket()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        await using LegacyPeer session = await alice.ConnectLegacySessionAsync(SigningKey.Generate(), "the-session");

        await using LegacyPeer cold = await alice.ConnectLegacyAsync("claude-code", "the-session", SigningKey.Generate());

        Assert.Equal(2, (await session.Socket.PeersAsync()).Count);
        await cold.SendAsync(session.Key, "from the verb");
        Assert.Equal("from the verb", (await session.NextMessageAsync()).Text);
    }

    [Fact]
    [Trait("wire", "7.2 #3")]
    public async Task A_cold_verb_that_has_its_answer_leaves_no_ghost()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");
        LegacyPeer cold = await alice.ConnectLegacyAsync("claude-code", "1-1", SigningKey.Generate());
        await bob.Socket.NextEventAsync("peer_joined");

        WebSocketCloseStatus? answer = await cold.Socket.CloseWithoutCodeAsync();
        JsonObject left = await bob.Socket.NextEventAsync("peer_left");

        Assert.Equal(WebSocketCloseStatus.NormalClosure, answer);
        Assert.Equal(cold.Key, (string?)left["eventData"]!["pubkey"]);
        Assert.Single(await bob.Socket.PeersAsync());
    }

    [Fact]
    [Trait("wire", "7.2 #4")]
    [Trait("cli", "7 silent loss: delivered before it was pushed")]
    public async Task What_was_sent_during_the_lease_arrives_as_soon_as_the_peer_is_back()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        LegacyPeer before = await bob.ConnectLegacyAsync();
        await alice.SendAsync(before.Key, "pushed, not acknowledged");
        await before.NextMessageAsync(acknowledge: false);
        before.Socket.Lose();
        await alice.SendAsync(before.Key, "sent while away");

        await using LegacyPeer back = await bob.ConnectLegacyAsync();

        Assert.Equal("pushed, not acknowledged", (await back.NextMessageAsync()).Text);
        Assert.Equal("sent while away", (await back.NextMessageAsync()).Text);
    }

    [Fact]
    [Trait("wire", "7.2 #5")]
    public async Task A_client_that_never_acknowledges_gets_each_message_once_and_counts_as_no_delivery()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        await using LegacyPeer sdk = await bob.ConnectLegacyAsync("sdk", "sdk-1", SigningKey.Generate());

        JsonObject ack = await alice.SendAsync(sdk.Key, "first");
        await alice.SendAsync(sdk.Key, "second");
        Assert.Equal("first", (await sdk.NextMessageAsync(acknowledge: false)).Text);
        Assert.Equal("second", (await sdk.NextMessageAsync(acknowledge: false)).Text);
        await alice.Socket.SendAsync(new Claudemesh.Protocol.MessageStatus((string)ack["messageId"]!), "status");
        JsonObject status = await alice.Socket.NextAsync("message_status_result");

        Assert.DoesNotContain(await sdk.Socket.AllUntilAnsweredAsync("push"), push => push["event"] is null);
        Assert.False((bool)status["delivered"]!);
    }

    [Fact]
    public async Task A_reply_to_the_key_that_a_connector_is_listed_under_reaches_it()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bot = await mesh.AddMemberAsync("bot", legacy: true);
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        await using LegacyPeer connector = await bot.ConnectLegacyAsync("slack", "connector-1", SigningKey.Generate());
        await connector.SendAsync(alice.Key, "from slack");
        Received received = await alice.NextMessageAsync();

        JsonObject ack = await alice.SendAsync(received.Sender, "back to slack");

        Assert.Equal(connector.Key, received.Sender);
        Assert.True((bool)ack["queued"]!);
        Assert.Equal("back to slack", (await connector.NextMessageAsync(acknowledge: false)).Text);
    }

    [Fact]
    [Trait("wire", "7.2 #6")]
    public async Task A_1x_member_who_was_away_gets_the_broadcast_in_the_direct_form_without_a_client_id()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");

        await alice.SendAsync("*", "hear ye", clientId: "id-1");
        await using LegacyPeer late = await bob.ConnectLegacyAsync();
        Received received = await late.NextMessageAsync();

        Assert.Equal("hear ye", received.Text);
        Assert.False(received.Frame.ContainsKey("client_message_id"));
        Assert.False(received.Frame.ContainsKey("senderMemberPubkey"));
    }

    [Theory]
    [InlineData("""{"type":"send","id":"x","priority":"next","nonce":"","ciphertext":"aGk="}""")]
    [InlineData("""{"type":"send","id":"x","targetSpec":"*","priority":"soon","nonce":"","ciphertext":"aGk="}""")]
    [InlineData("""{"type":"send","id":"x","targetSpec":"*","priority":"next","nonce":"","ciphertext":"no base64!"}""")]
    [Trait("wire", "7.2 #10")]
    public async Task A_send_that_cannot_be_read_is_answered_by_a_refusal_that_ends_retries(string frame)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");

        await alice.Socket.SendAsync(frame);
        JsonObject ack = await alice.Socket.NextAsync("ack");

        Assert.Equal("x", (string?)ack["id"]);
        Assert.False((bool)ack["queued"]!);
        Assert.Contains("invalid", (string?)ack["error"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"set_status","status":"asleep","_reqId":"r1"}""")]
    [InlineData("""{"type":"message_status","_reqId":"r1"}""")]
    [InlineData("""{"type":"teleport","_reqId":"r1"}""")]
    [Trait("wire", "7.2 #10")]
    [Trait("wire", "7.2 #22")]
    [Trait("cli", "7 drift: an answer under another name than is waited for")]
    public async Task A_request_that_cannot_be_read_is_answered_under_its_id(string frame)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");

        await alice.Socket.SendAsync(frame);
        JsonObject error = await alice.Socket.NextAsync("error");

        Assert.Equal("r1", (string?)error["_reqId"]);
        Assert.Single(await alice.Socket.PeersAsync());
    }

    [Fact]
    public async Task A_1x_session_socket_is_never_told_unknown_message_type_because_it_would_close_for_good()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        await using LegacyPeer session = await alice.ConnectLegacySessionAsync(SigningKey.Generate(), "s1");

        await session.Socket.SendAsync("""{"type":"teleport","_reqId":"r1"}""");
        JsonObject error = await session.Socket.NextAsync("error");

        Assert.NotEqual("unknown_message_type", (string?)error["code"]);
    }

    [Fact]
    [Trait("wire", "7.2 #21")]
    [Trait("cli", "7 naming: a daemon listed as a session")]
    public async Task A_members_row_shows_its_own_channel_and_not_a_siblings()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        await using LegacyPeer member = await alice.ConnectLegacyAsync();
        await using LegacyPeer session = await alice.ConnectLegacySessionAsync(SigningKey.Generate(), "s1");

        IReadOnlyList<JsonObject> peers = await member.Socket.PeersAsync();

        JsonObject own = Assert.Single(peers, peer => (string?)peer["pubkey"] == member.Key);
        JsonObject other = Assert.Single(peers, peer => (string?)peer["pubkey"] == session.Key);
        Assert.Equal(("claudemesh-daemon", "control-plane"), ((string?)own["channel"], (string?)own["peerRole"]));
        Assert.Equal(("claudemesh-session", "session"), ((string?)other["channel"], (string?)other["peerRole"]));
        Assert.Equal(member.Key, (string?)other["memberPubkey"]);
    }

    [Fact]
    [Trait("wire", "7.2 #8")]
    public async Task A_frame_above_the_old_limit_is_taken_and_one_above_the_body_limit_is_refused_without_losing_the_connection()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");

        JsonObject taken = await alice.SendAsync(bob.Key, new string('x', 100_000));
        JsonObject refused = await alice.SendAsync(bob.Key, new string('x', 300_000));

        Assert.True((bool)taken["queued"]!);
        Assert.Equal(100_000, (await bob.NextMessageAsync()).Text.Length);
        Assert.StartsWith("payload too large", (string?)refused["error"], StringComparison.Ordinal);
        Assert.Contains("invalid", (string?)refused["error"], StringComparison.Ordinal);
        Assert.Equal(2, (await alice.Socket.PeersAsync()).Count);
    }

    [Fact]
    [Trait("wire", "7.2 #15")]
    public async Task A_session_that_closes_leaves_its_members_saved_profile_and_groups_alone()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer watcher = await mesh.JoinLegacyAsync("watcher");
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        LegacyPeer daemon = await alice.ConnectLegacyAsync("claude-code", "cold-1");
        await daemon.Socket.SendAsync(new SetProfile(Title: "engineer"), "profile");
        await daemon.Socket.NextAsync("ack");
        await daemon.Socket.SendAsync(new JoinGroup(GroupName.Parse("backend")));
        await daemon.Socket.PeersAsync();
        await daemon.Socket.CloseWithoutCodeAsync();
        await watcher.Socket.NextEventAsync("peer_left");

        LegacyPeer session = await alice.ConnectLegacySessionAsync(SigningKey.Generate(), "s1", groups: []);
        session.Socket.Lose();
        await session.DisposeAsync();
        await using LegacyPeer back = await alice.ConnectLegacyAsync("claude-code", "cold-2");

        JsonObject row = Assert.Single(await back.Socket.PeersAsync(), peer => (string?)peer["pubkey"] == back.Key);
        Assert.Equal("engineer", (string?)row["profile"]!["title"]);
        Assert.Equal("backend", (string?)Assert.Single(row["groups"]!.AsArray())!["name"]);
    }

    [Fact]
    [Trait("wire", "7.2 #20")]
    public async Task The_groups_and_role_that_a_session_is_opened_with_are_its_own()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        SessionSecretKey session = await bob.OpenSessionAsync("s1", groups: [new GroupTag("backend", "lead")]);

        await alice.SendAsync("@backend", "for the backend");

        Received received = await bob.NextMessageAsync();
        Assert.Equal(("for the backend", "s1"), (received.Text, received.Session));
        JsonObject row = Assert.Single(await alice.Socket.PeersAsync(), peer => (string?)peer["pubkey"] == session.Public.ToString());
        Assert.Equal("lead", (string?)Assert.Single(row["groups"]!.AsArray())!["role"]);
    }
}
