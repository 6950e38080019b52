using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Compatibility;

/// <summary>
/// The holes of 1.x that this broker closes, by their numbers in wire reference 7.3. Each test has its number as a trait, here and
/// elsewhere; which have no test yet, and why, is in the list of lessons of the Tidy tests.
/// </summary>
public sealed class LegacyHoleTests
{
    [Fact]
    [Trait("wire", "7.3 #1")]
    public async Task A_hello_that_claims_anothers_live_session_key_gets_neither_its_messages_nor_its_name()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        TestMember mallory = await mesh.AddMemberAsync("mallory", legacy: true);
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        SigningKey key = SigningKey.Generate();
        await using LegacyPeer session = await bob.ConnectLegacySessionAsync(key, "s1");

        await using LegacyPeer thief = await mallory.ConnectLegacyAsync("claude-code", "s1", key);
        await alice.SendAsync(session.Key, "for bob");
        await thief.SendAsync(alice.Key, "hello");

        Assert.Equal("for bob", (await session.NextMessageAsync()).Text);
        Assert.Empty(await MessagesAsync(thief.Socket));
        Assert.Equal(mallory.Key.Public.ToString(), (await alice.NextMessageAsync()).Sender);
        Assert.Single(await alice.Socket.PeersAsync(), peer => (string?)peer["pubkey"] == session.Key);
    }

    [Fact]
    [Trait("wire", "7.3 #1")]
    public async Task A_hello_cannot_take_over_a_session_whose_connection_was_just_lost()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        TestMember mallory = await mesh.AddMemberAsync("mallory", legacy: true);
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        SigningKey key = SigningKey.Generate();
        LegacyPeer session = await bob.ConnectLegacySessionAsync(key, "s1");
        session.Socket.Lose();

        await using LegacyPeer thief = await mallory.ConnectLegacyAsync("claude-code", "s1", key);
        await alice.SendAsync(key.Public.ToString(), "for bob");
        Assert.Empty(await MessagesAsync(thief.Socket));
        await using LegacyPeer back = await bob.ConnectLegacySessionAsync(key, "s1");

        Assert.Equal("for bob", (await back.NextMessageAsync()).Text);
        Assert.NotEqual((string?)session.Ack["presenceId"], (string?)thief.Ack["presenceId"]);
    }

    [Fact]
    [Trait("wire", "7.3 #1")]
    public async Task A_session_key_that_was_attested_before_a_restart_is_still_nobody_elses()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        TestMember mallory = await mesh.AddMemberAsync("mallory", legacy: true);
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        SigningKey key = SigningKey.Generate();
        await (await bob.ConnectLegacySessionAsync(key, "s1")).DisposeAsync();
        await mesh.Broker.RestartAsync();

        await using LegacyPeer thief = await mallory.ConnectLegacyAsync("claude-code", "cold", key);
        await using LegacyPeer reader = await alice.ConnectLegacyAsync();
        await thief.SendAsync(reader.Key, "it is me, bob");

        Assert.Equal(mallory.Key.Public.ToString(), (await reader.NextMessageAsync()).Sender);
        Assert.DoesNotContain(await reader.Socket.PeersAsync(), peer => (string?)peer["pubkey"] == key.Public.ToString());
    }

    [Fact]
    [Trait("wire", "7.3 #1")]
    public async Task A_members_key_and_a_live_peers_key_cannot_be_claimed_as_a_session_key()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        TestMember mallory = await mesh.AddMemberAsync("mallory", legacy: true);
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        SigningKey key = SigningKey.Generate();
        await using LegacyPeer cold = await bob.ConnectLegacyAsync("sdk", "sdk-1", key);

        await using LegacyPeer first = await mallory.ConnectLegacyAsync("claude-code", "c1", bob.Key.Key);
        await using LegacyPeer second = await mallory.ConnectLegacyAsync("claude-code", "c2", key);
        await alice.SendAsync(bob.Key.Public.ToString(), "for the member");
        await alice.SendAsync(cold.Key, "for the peer");

        Assert.Equal("for the member", (await cold.NextMessageAsync(acknowledge: false)).Text);
        Assert.Equal("for the peer", (await cold.NextMessageAsync(acknowledge: false)).Text);
        Assert.Empty(await MessagesAsync(first.Socket));
        Assert.Empty(await MessagesAsync(second.Socket));
        Assert.Equal(2, (await alice.Socket.PeersAsync()).Count(peer => (string?)peer["pubkey"] == mallory.Key.Public.ToString()));
    }

    [Fact]
    [Trait("wire", "7.3 #6")]
    public async Task The_payload_of_an_admin_invite_does_not_make_an_admin_of_who_holds_a_members_token()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        LegacyInviteToken admin = await mesh.InviteAsync(role: "admin");
        LegacyInviteToken member = await mesh.InviteAsync();
        using MemberSecretKey key = MemberSecretKey.Generate();
        Join join = new(member.Token, TestMesh.Payload(admin), key.Public, DisplayName.Parse("mallory"), null, null);

        HttpResponseMessage mixed = await mesh.PostAsync("/join", JsonSerializer.Serialize(join, ProtocolJson.Default.Join));
        HttpResponseMessage honest = await mesh.PostJoinAsync(member, key, "mallory");

        Assert.Equal(400, (int)mixed.StatusCode);
        Assert.Equal("member", (string?)JsonNode.Parse(await honest.Content.ReadAsStringAsync())!["role"]);
    }

    [Fact]
    [Trait("wire", "7.3 #14")]
    public async Task Joining_with_a_wrong_proof_of_possession_is_refused_and_without_one_the_member_counts_as_1x()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using MemberSecretKey key = MemberSecretKey.Generate();
        LegacyInviteToken invite = await mesh.InviteAsync();
        long now = mesh.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        using MemberSecretKey other = MemberSecretKey.Generate();
        byte[] stolen = other.Sign(new JoinPossessionText(mesh.Id, Sha256.Hash(invite.Token), key.Public, now));
        Join wrong = new(invite.Token, TestMesh.Payload(invite), key.Public, DisplayName.Parse("mallory"), now, stolen);

        HttpResponseMessage refused = await mesh.PostAsync("/join", JsonSerializer.Serialize(wrong, ProtocolJson.Default.Join));
        HttpResponseMessage without = await mesh.PostJoinAsync(invite, key, "old client", proves: false);
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await alice.Socket.SendAsync(new ListMembers(), "members");
        JsonObject list = await alice.Socket.NextAsync("members_list");

        Assert.Equal(400, (int)refused.StatusCode);
        Assert.Contains("bad_possession", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(without.IsSuccessStatusCode);
        JsonNode row = Assert.Single(list["members"]!.AsArray(), each => (string?)each!["pubkey"] == key.Public.ToString())!;
        Assert.Equal("legacy", (string?)row["kind"]);
    }

    [Fact]
    [Trait("wire", "7.3 #14")]
    public async Task A_removed_key_does_not_come_back_with_another_invite()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember mallory = await mesh.AddMemberAsync("mallory", legacy: true);
        await using LegacyPeer connected = await mallory.ConnectLegacyAsync();
        await mesh.RemoveAsync(mallory);
        await connected.Socket.ClosedAsync();

        HttpResponseMessage again = await mesh.PostJoinAsync(await mesh.InviteAsync(), mallory.Key, "mallory");

        Assert.Equal((4002, "banned"), ((int)connected.Socket.CloseStatus!.Value, connected.Socket.CloseReason));
        Assert.False(again.IsSuccessStatusCode);
        Assert.Contains("member_removed", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("wire", "7.3 #7")]
    public async Task The_session_id_of_another_member_knocks_nobody_off()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        TestMember mallory = await mesh.AddMemberAsync("mallory", legacy: true);
        await using LegacyPeer member = await bob.ConnectLegacyAsync(sessionId: "same");
        await using LegacyPeer session = await bob.ConnectLegacySessionAsync(SigningKey.Generate(), "same");

        await using LegacyPeer hello = await mallory.ConnectLegacyAsync(sessionId: "same");
        await using LegacyPeer other = await mallory.ConnectLegacySessionAsync(SigningKey.Generate(), "same");

        Assert.Equal(4, (await member.Socket.PeersAsync()).Count);
        Assert.Equal(4, (await session.Socket.PeersAsync()).Count);
        await other.SendAsync(session.Key, "still there?");
        Assert.Equal("still there?", (await session.NextMessageAsync()).Text);
    }

    [Fact]
    [Trait("wire", "7.3 #8")]
    public async Task Our_hello_cannot_be_said_again_on_another_socket()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember alice = await mesh.AddMemberAsync("alice");
        await using TestSocket first = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        MemberHello hello = alice.Hello(await first.NextAsync("challenge"));
        await first.SendAsync(hello);
        await first.NextAsync("member_welcome");

        await AssertRefusedAsync(mesh, hello, "bad_signature");
    }

    [Fact]
    [Trait("wire", "7.3 #8")]
    public async Task A_challenge_is_good_for_one_attempt()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember alice = await mesh.AddMemberAsync("alice");
        await using TestSocket socket = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        MemberHello hello = alice.Hello(await socket.NextAsync("challenge"));

        await socket.SendAsync(hello with { Signature = new byte[64] });
        await socket.SendAsync(hello);
        JsonObject refusal = await socket.NextAsync("error");
        await socket.ClosedAsync();

        Assert.Equal("bad_signature", (string?)refusal["code"]);
        Assert.Equal("bad_signature", socket.CloseReason);
        await using TestPeer other = await mesh.JoinAsync("other");
        Assert.Single(await other.Socket.PeersAsync());
    }

    [Fact]
    [Trait("wire", "7.3 #8")]
    public async Task A_hello_and_a_session_for_one_workspace_are_worth_nothing_in_another()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestMesh elsewhere = await TestMesh.StartAsync(broker: mesh.Broker);
        TestMember alice = await mesh.AddMemberAsync("alice");
        await elsewhere.AddMemberAsync("alice", key: alice.Key);

        await using TestSocket socket = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        MemberHello hello = alice.Hello(await socket.NextAsync("challenge"));
        await socket.SendAsync(hello with { MeshId = MeshId.Parse(elsewhere.Id) });
        JsonObject refusal = await socket.NextAsync("error");

        await using TestPeer there = await new TestMember(elsewhere, alice.Key, "alice", "").ConnectAsync();
        using SessionSecretKey session = alice.Key.DeriveSession(mesh.Id, "s1");
        long expires = mesh.Clock.GetUtcNow().ToUnixTimeMilliseconds() + 60_000;
        SessionAttestation attestation = alice.Key.Attest(session, mesh.Id, "s1", expires);
        await there.Socket.SendAsync(new SessionOpen(
            SessionId.Parse("s1"), session.Public, DisplayName.Parse("s"), expires, attestation.Attestation, attestation.Proof, "/", 1), "open");
        JsonObject unproven = await there.Socket.NextAsync("error");

        Assert.Equal("bad_signature", (string?)refusal["code"]);
        Assert.Equal("bad_signature", (string?)unproven["code"]);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("*")]
    [InlineData("@team")]
    [Trait("wire", "7.3 #15")]
    public async Task Acknowledging_what_is_for_others_suppresses_nothing(string? target)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        TestMember mallory = await mesh.AddMemberAsync("mallory", legacy: true);
        await using LegacyPeer thief = await mallory.ConnectLegacyAsync(groups: [new GroupTag("team", null)]);
        LegacyPeer before = await bob.ConnectLegacyAsync(groups: [new GroupTag("team", null)]);
        before.Socket.Lose();

        JsonObject ack = await alice.SendAsync(target ?? bob.Key.Public.ToString(), "for bob", clientId: "id-1");
        await thief.Socket.SendAsync(new ClientAck("id-1", (string)ack["messageId"]!));
        await thief.Socket.SendAsync(new ClientAck(ClientMessageId: "id-1"));
        await thief.Socket.PeersAsync();
        await using LegacyPeer back = await bob.ConnectLegacyAsync();

        Assert.Equal("for bob", (await back.NextMessageAsync()).Text);
    }

    [Theory]
    [InlineData("x') OR ('1'='1")]
    [InlineData("%")]
    [InlineData("a\", \"b")]
    [Trait("wire", "7.3 #5")]
    public async Task A_group_name_is_a_name_and_never_part_of_a_query(string name)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");
        TestMember mallory = await mesh.AddMemberAsync("mallory", legacy: true);
        await bob.Socket.SendAsync(new JoinGroup(GroupName.Parse("backend")));
        await bob.Socket.PeersAsync();
        await using LegacyPeer joiner = await mallory.ConnectLegacyAsync();

        JsonObject frame = new() { ["type"] = "join_group", ["name"] = name, ["_reqId"] = "r1" };
        await joiner.Socket.SendAsync(frame.ToJsonString());
        JsonObject error = await joiner.Socket.NextAsync("error");
        await alice.SendAsync("@backend", "for the backend");

        Assert.Equal(("invalid_args", "r1"), ((string?)error["code"], (string?)error["_reqId"]));
        Assert.Equal("for the backend", (await bob.NextMessageAsync()).Text);
        Assert.Empty(await MessagesAsync(joiner.Socket));
    }

    [Fact]
    [Trait("wire", "7.3 #20")]
    public async Task A_socket_that_says_no_hello_is_closed_after_fifteen_seconds()
    {
        FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using TestSocket silent = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        await silent.NextAsync("challenge");
        await silent.SendAsync(new ListPeers(), "early");
        await silent.NextAsync("error");

        clock.Advance(TimeSpan.FromSeconds(16));

        Assert.Equal(System.Net.WebSockets.WebSocketCloseStatus.PolicyViolation, await silent.ClosedAsync());
    }

    [Theory]
    [InlineData("bob")]
    [InlineData("Bob ")]
    [Trait("wire", "7.3 #22")]
    [Trait("cli", "7 silent loss: a prefix that is queued for nobody")]
    public async Task A_display_name_is_nobodys_address(string name)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer alice = await mesh.JoinLegacyAsync("alice");
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");

        JsonObject refused = await alice.SendAsync(name, "to whoever is called so");

        Assert.False((bool)refused["queued"]!);
        Assert.Empty(await MessagesAsync(bob.Socket));
    }

    private static async Task AssertRefusedAsync(TestMesh mesh, MemberHello hello, string code)
    {
        await using TestSocket socket = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        await socket.SendAsync(hello);
        JsonObject refusal = await socket.NextAsync("error");
        await socket.ClosedAsync();
        Assert.Equal((code, code), ((string?)refusal["code"], socket.CloseReason));
    }

    private static async Task<IReadOnlyList<JsonObject>> MessagesAsync(TestSocket socket) =>
        [.. (await socket.AllUntilAnsweredAsync("push")).Where(push => push["event"] is null)];
}
