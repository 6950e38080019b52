using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Compatibility;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Moderation;

/// <summary>What a ban ends, and what an unban gives back.</summary>
public sealed class BanTests
{
    private const WebSocketCloseStatus Banned = (WebSocketCloseStatus)4002;

    [Fact]
    public async Task A_banned_member_is_told_why_closed_with_4002_on_every_connection_and_refused_at_each_hello()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        await using TestPeer laptop = await bob.ConnectAsync("laptop");
        await using TestPeer desk = await bob.ConnectAsync("desk");
        await using TestPeer unlisted = await bob.ConnectAsync("tool", presence: false);

        JsonObject ack = await owner.AskAsync(new Ban("bob", "spam"));
        JsonObject told = await laptop.Socket.NextAsync("error");

        Assert.Equal(("bob", laptop.Key), ((string?)ack["banned"], (string?)ack["pubkey"]));
        Assert.Equal("revoked", (string?)told["code"]);
        Assert.Contains($"owner removed you from {mesh.Slug}: spam", (string)told["message"]!, StringComparison.Ordinal);
        foreach (TestPeer closed in new[] { laptop, desk, unlisted })
            Assert.Equal((Banned, "banned"), (await closed.Socket.ClosedAsync(), closed.Socket.CloseReason));
        Assert.DoesNotContain(await owner.Socket.PeersAsync(), peer => (string?)peer["memberPubkey"] == laptop.Key);
        Assert.Equal("revoked", await RefusedHelloAsync(mesh, bob));
    }

    [Fact]
    [Trait("wire", "7.3 #14")]
    public async Task A_banned_1x_daemon_is_stopped_at_its_hello_however_often_it_comes_back()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        TestMember bob = await mesh.AddMemberAsync("bob", legacy: true);
        SigningKey key = SigningKey.Generate();
        await using LegacyPeer daemon = await bob.ConnectLegacyAsync();
        await using LegacyPeer session = await bob.ConnectLegacySessionAsync(key, "s1");

        await owner.AskAsync(new Ban("bob-session"));

        Assert.Equal((Banned, Banned), (await daemon.Socket.ClosedAsync(), await session.Socket.ClosedAsync()));
        await using TestSocket member = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        await member.SendAsync(bob.LegacyHello("claudemesh-daemon", "daemon-2"));
        await using TestSocket again = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        await again.SendAsync(bob.LegacySessionHello(key, "s1"));
        foreach (TestSocket socket in new[] { member, again })
        {
            Assert.Equal("revoked", (string?)(await socket.NextAsync("error"))["code"]);
            Assert.Equal(Banned, await socket.ClosedAsync());
        }
    }

    [Fact]
    [Trait("wire", "7.3 #14")]
    public async Task A_ban_ends_every_open_invite_so_that_none_lets_the_banned_in_under_another_key()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        await mesh.JoinAsync("bob");
        LegacyInviteToken held = await mesh.InviteAsync(uses: 5);

        await owner.AskAsync(new Ban("bob"));
        using MemberSecretKey other = MemberSecretKey.Generate();
        HttpResponseMessage joined = await mesh.PostJoinAsync(held, other, "bob again");

        Assert.Contains("invite_revoked", await joined.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(200, (int)(await mesh.PostJoinAsync(await mesh.InviteAsync(), other, "carol")).StatusCode);
    }

    [Fact]
    [Trait("wire", "7.3 #14")]
    public async Task The_key_of_a_banned_member_joins_with_no_invite()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");

        await owner.AskAsync(new Ban("bob"));
        HttpResponseMessage joined = await mesh.PostJoinAsync(await mesh.InviteAsync(), bob.Key, "bob");

        Assert.Contains("member_removed", await joined.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_waits_for_a_banned_member_is_refused_and_its_senders_are_told_why()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        string key = bob.Key.Public.ToString();
        foreach (Priority priority in new[] { Priority.Now, Priority.Next, Priority.Low })
            await alice.SendAsync(key, "waits", priority);

        await owner.AskAsync(new Ban("bob"));

        for (int i = 0; i < 3; i++)
        {
            JsonObject receipt = await alice.Socket.NextAsync("receipt");
            Assert.Equal((1, "recipient_removed", key), ((int)receipt["refused"]!, (string?)receipt["reason"], (string?)receipt["recipientPubkey"]));
        }

        await owner.AskAsync(new Unban("bob"));
        await using TestPeer back = await bob.ConnectAsync();
        await alice.SendAsync(key, "welcome back");
        Assert.Equal("welcome back", (await back.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task Nobody_can_write_to_a_banned_member_and_the_sender_learns_that_it_is_for_good()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");

        await owner.AskAsync(new Ban("bob"));
        JsonObject ack = await owner.SendAsync(bob.Key, "are you there?");

        Assert.Equal((false, "recipient_removed"), ((bool)ack["queued"]!, (string?)ack["code"]));
        Assert.Contains("invalid", (string)ack["error"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bans_are_listed_newest_first_until_they_are_taken_back()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        TestMember carol = await mesh.AddMemberAsync("carol");
        await owner.AskAsync(new Ban("bob"));
        await owner.AskAsync(new Ban(carol.Key.Public.ToString()));

        Assert.Equal(["carol", "bob"], await BansAsync(owner));
        JsonObject ack = await owner.AskAsync(new Unban(bob.Key.Public.ToString()[..10]));

        Assert.Equal("bob", (string?)ack["unbanned"]);
        Assert.Equal(["carol"], await BansAsync(owner));
        Assert.Equal("member", (string?)(await bob.ConnectAsync()).Welcome["role"]);
    }

    [Fact]
    public async Task A_ban_outlives_the_broker()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        TestPeer owner = await mesh.OwnerAsync();
        await owner.AskAsync(new Ban("bob"));
        await mesh.Broker.RestartAsync();

        Assert.Equal("revoked", await RefusedHelloAsync(mesh, bob));
        await using TestPeer again = await mesh.OwnerAsync();
        Assert.Equal(["bob"], await BansAsync(again));
    }

    [Fact]
    [Trait("wire", "7.3 #14")]
    public async Task Nobody_bans_the_owner_admins_do_not_ban_admins_and_members_ban_nobody()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer ann = await mesh.AdminAsync("ann");
        await using TestPeer abe = await mesh.AdminAsync("abe");
        await using TestPeer bob = await mesh.JoinAsync("bob");

        Assert.Equal("forbidden", (await bob.AskAsync(new Ban("ann"))).Code());
        Assert.Equal("forbidden", (await bob.AskAsync(new Unban("ann"))).Code());
        Assert.Equal("forbidden", (await bob.AskAsync(new ListBans())).Code());
        Assert.Equal("forbidden", (await ann.AskAsync(new Ban("owner"))).Code());
        Assert.Equal("forbidden", (await ann.AskAsync(new Ban("abe"))).Code());
        Assert.Equal("forbidden", (await ann.AskAsync(new Ban("ann"))).Code());
        Assert.Equal("forbidden", (await owner.AskAsync(new Ban("owner"))).Code());
        Assert.Equal("not_found", (await owner.AskAsync(new Unban("bob"))).Code());
        Assert.Equal("not_found", (await owner.AskAsync(new Ban("nobody"))).Code());
        Assert.Equal("abe", (string?)(await owner.AskAsync(new Ban("abe")))["banned"]);
        Assert.Equal("forbidden", (await ann.AskAsync(new Unban("abe"))).Code());
        Assert.Equal("bob", (string?)(await ann.AskAsync(new Ban("bob")))["banned"]);
    }

    private static async Task<string[]> BansAsync(TestPeer peer) =>
        [.. (await peer.AskAsync(new ListBans()))["bans"]!.AsArray().Select(ban => (string)ban!["name"]!)];

    private static async Task<string?> RefusedHelloAsync(TestMesh mesh, TestMember member)
    {
        await using TestSocket socket = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        await socket.SendAsync(member.Hello(await socket.NextAsync("challenge")));
        string? code = (string?)(await socket.NextAsync("error"))["code"];
        Assert.Equal(Banned, await socket.ClosedAsync());
        return code;
    }
}
