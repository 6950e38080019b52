using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Compatibility;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Moderation;

/// <summary>Who is taken off by <c>kick</c> and <c>disconnect</c>, by whom, and with which code.</summary>
public sealed class KickTests
{
    private const WebSocketCloseStatus Kicked = (WebSocketCloseStatus)4001;

    [Fact]
    public async Task A_kicked_daemon_is_told_by_whom_closed_with_4001_and_gone_from_the_list_at_once()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        await using LegacyPeer watcher = await mesh.JoinLegacyAsync("watcher");
        await using TestPeer bob = await mesh.JoinAsync("bob");

        JsonObject ack = await owner.AskAsync(new Kick(Target: "bob"));
        JsonObject told = await bob.Socket.NextAsync("error");

        Assert.Equal(["bob"], ack["kicked"].Texts());
        Assert.Equal(["bob"], ack["affected"].Texts());
        Assert.Equal(bob.Key, (string?)ack["peers"]![0]!["memberPubkey"]);
        Assert.Equal("kicked", (string?)told["code"]);
        Assert.Contains("owner ended your connection to " + mesh.Slug, (string)told["message"]!, StringComparison.Ordinal);
        Assert.Equal((Kicked, "kicked"), (await bob.Socket.ClosedAsync(), bob.Socket.CloseReason));
        Assert.Equal("bob", (string?)(await watcher.Socket.NextEventAsync("peer_left"))["eventData"]!["name"]);
        Assert.DoesNotContain(await owner.Socket.PeersAsync(), peer => (string?)peer["pubkey"] == bob.Key);
    }

    [Fact]
    [Trait("wire", "7.2 #18")]
    public async Task A_kick_of_a_1x_session_closes_that_session_and_leaves_its_daemon_alone()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        await using LegacyPeer daemon = await bob.ConnectLegacyAsync();
        await using LegacyPeer session = await bob.ConnectLegacySessionAsync(SigningKey.Generate(), "s1");

        JsonObject byName = await owner.AskAsync(new Kick(Target: "bob-session"));
        JsonObject byMember = await owner.AskAsync(new Kick(Target: bob.Key.Public.ToString()));

        Assert.Equal(["bob-session"], byName["affected"].Texts());
        Assert.Equal(Kicked, await session.Socket.ClosedAsync());
        Assert.Empty(byMember["affected"].Texts());
        Assert.Equal(["bob"], byMember["skipped_control_plane"].Texts());
        Assert.NotEmpty(await daemon.Socket.PeersAsync());
    }

    [Fact]
    public async Task Sessions_that_share_a_daemons_connection_go_with_it_and_are_all_named()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await bob.OpenSessionAsync("s1");
        await bob.OpenSessionAsync("s2");

        JsonObject ack = await owner.AskAsync(new Kick(Target: "bob-s1"));

        Assert.Equal(["bob", "bob-s1", "bob-s2"], ack["affected"].Texts().Order(StringComparer.Ordinal));
        Assert.Equal(Kicked, await bob.Socket.ClosedAsync());
    }

    [Fact]
    public async Task A_disconnected_peer_may_come_back_at_once_and_keeps_its_place_meanwhile()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        await using TestPeer before = await bob.ConnectAsync();

        JsonObject ack = await owner.AskAsync(new Disconnect(Target: bob.Key.Public.ToString()[..8]));

        Assert.Equal(["bob"], ack["affected"].Texts());
        Assert.Equal((WebSocketCloseStatus.NormalClosure, "disconnected"), (await before.Socket.ClosedAsync(), before.Socket.CloseReason));
        await using TestPeer again = await bob.ConnectAsync();
        Assert.Single(await owner.Socket.PeersAsync(), peer => (string?)peer["pubkey"] == again.Key);
    }

    [Fact]
    public async Task All_are_those_whom_the_caller_may_take_off_and_never_himself()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer ann = await mesh.AdminAsync("ann");
        await using TestPeer abe = await mesh.AdminAsync("abe");
        await using TestPeer bob = await mesh.JoinAsync("bob");

        Assert.Equal(["bob"], (await ann.AskAsync(new Kick(All: true)))["affected"].Texts());
        Assert.Equal(["abe", "ann"], (await owner.AskAsync(new Kick(All: true)))["affected"].Texts().Order(StringComparer.Ordinal));
        Assert.Equal("owner", (string?)Assert.Single(await owner.Socket.PeersAsync())["displayName"]);
    }

    [Fact]
    public async Task Stale_are_those_who_gave_no_sign_of_life_for_that_long()
    {
        FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer silent = await mesh.JoinAsync("silent");
        await using TestPeer lively = await mesh.JoinAsync("lively");

        clock.Advance(TimeSpan.FromSeconds(20));
        await lively.Socket.PeersAsync();
        await owner.Socket.PeersAsync();
        JsonObject ack = await owner.AskAsync(new Kick(Stale: 15_000));

        Assert.Equal(["silent"], ack["affected"].Texts());
        Assert.Equal((Kicked, "kicked_stale"), (await silent.Socket.ClosedAsync(), silent.Socket.CloseReason));
    }

    [Fact]
    public async Task A_peer_that_only_keeps_its_place_is_gone_when_it_is_kicked()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        bob.Socket.Lose();

        JsonObject ack = await owner.AskAsync(new Kick(Target: "bob"));

        Assert.Equal(["bob"], ack["affected"].Texts());
        Assert.DoesNotContain(await owner.Socket.PeersAsync(), peer => (string?)peer["pubkey"] == bob.Key);
    }

    [Fact]
    public async Task Members_kick_nobody_admins_kick_members_and_nobody_kicks_the_owner()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer ann = await mesh.AdminAsync("ann");
        await using TestPeer abe = await mesh.AdminAsync("abe");
        await using TestPeer bob = await mesh.JoinAsync("bob");

        Assert.Equal("forbidden", (await bob.AskAsync(new Kick(Target: "ann"))).Code());
        Assert.Equal("forbidden", (await bob.AskAsync(new Disconnect(All: true))).Code());
        JsonObject onOwner = await ann.AskAsync(new Kick(Target: "owner"));
        JsonObject onAdmin = await ann.AskAsync(new Disconnect(Target: "abe"));

        Assert.Equal(("forbidden", "forbidden"), (onOwner.Code(), onAdmin.Code()));
        Assert.Contains("owns", (string)onOwner["message"]!, StringComparison.Ordinal);
        Assert.Contains("all but the owner", (string)onAdmin["message"]!, StringComparison.Ordinal);
        Assert.Equal(4, (await owner.Socket.PeersAsync()).Count);
    }

    [Fact]
    public async Task A_target_that_fits_nobody_or_several_is_refused_and_nobody_is_taken_off()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer one = await mesh.JoinAsync("bob");
        await using TestPeer other = await mesh.JoinAsync("Bob");

        JsonObject several = await owner.AskAsync(new Kick(Target: "BOB"));

        Assert.Equal("not_found", (await owner.AskAsync(new Kick(Target: "carol"))).Code());
        Assert.Equal("not_found", (await owner.AskAsync(new Kick(Target: one.Key[..3]))).Code());
        Assert.Equal("ambiguous_target", several.Code());
        Assert.Contains(one.Key[..12], (string)several["message"]!, StringComparison.Ordinal);
        Assert.Contains(other.Key[..12], (string)several["message"]!, StringComparison.Ordinal);
        Assert.Equal(3, (await owner.Socket.PeersAsync()).Count);
        Assert.Equal(["Bob"], (await owner.AskAsync(new Kick(Target: other.Key.ToUpperInvariant())))["affected"].Texts());
    }

    [Theory]
    [InlineData("""{"type":"kick","_reqId":"k"}""")]
    [InlineData("""{"type":"kick","_reqId":"k","all":true,"target":"bob"}""")]
    [InlineData("""{"type":"kick","_reqId":"k","stale":-1}""")]
    [InlineData("""{"type":"disconnect","_reqId":"k","all":false}""")]
    public async Task Whom_is_said_in_exactly_one_way(string frame)
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();

        await owner.Socket.SendAsync(frame);

        Assert.Equal("invalid_args", (string?)(await owner.Socket.NextAsync("error"))["code"]);
    }
}
