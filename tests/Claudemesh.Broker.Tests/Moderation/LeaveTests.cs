using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Compatibility;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Moderation;

/// <summary>A member goes by its own will; an owner only as the last one.</summary>
public sealed class LeaveTests
{
    private const WebSocketCloseStatus Gone = (WebSocketCloseStatus)4002;

    [Fact]
    public async Task Who_leaves_is_answered_and_then_every_connection_of_his_is_closed_for_good()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        await using TestPeer laptop = await bob.ConnectAsync("laptop");
        await using TestPeer desk = await bob.ConnectAsync("desk");

        JsonObject left = await laptop.AskAsync(new LeaveWorkspace());

        Assert.Equal("workspace_left", (string?)left["type"]);
        Assert.Equal((Gone, Gone), (await laptop.Socket.ClosedAsync(), await desk.Socket.ClosedAsync()));
        Assert.Equal("left", laptop.Socket.CloseReason);
        Assert.Single(await owner.Socket.PeersAsync());
        Assert.Empty((await owner.AskAsync(new ListBans()))["bans"]!.AsArray());
        await using TestSocket again = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        await again.SendAsync(bob.Hello(await again.NextAsync("challenge")));
        Assert.Equal("revoked", (string?)(await again.NextAsync("error"))["code"]);
    }

    [Fact]
    public async Task What_waits_for_a_leaver_is_refused_and_the_invites_of_others_stay_open()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        await using TestPeer session = await bob.ConnectAsync("laptop", presence: false);
        LegacyInviteToken invite = await mesh.InviteAsync();
        await session.AskAsync(new LeaveWorkspace());

        JsonObject ack = await alice.SendAsync(bob.Key.Public.ToString(), "still there?");
        using MemberSecretKey key = MemberSecretKey.Generate();

        Assert.Equal("recipient_removed", (string?)ack["code"]);
        Assert.Equal(200, (int)(await mesh.PostJoinAsync(invite, key, "carol")).StatusCode);
    }

    [Fact]
    public async Task An_owner_stays_while_there_are_others_and_ends_the_workspace_when_he_is_the_last()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        await mesh.AddMemberAsync("bob");
        LegacyInviteToken invite = await mesh.InviteAsync(uses: 5);

        Assert.Equal("owner_must_stay", (await owner.AskAsync(new LeaveWorkspace())).Code());
        await owner.AskAsync(new Ban("bob"));
        Assert.Equal("workspace_left", (string?)(await owner.AskAsync(new LeaveWorkspace()))["type"]);

        using MemberSecretKey key = MemberSecretKey.Generate();
        Assert.Equal(400, (int)(await mesh.PostJoinAsync(invite, key, "carol")).StatusCode);
        await mesh.Broker.RestartAsync();
        Assert.Equal(400, (int)(await mesh.PostJoinAsync(invite, key, "carol")).StatusCode);
    }
}
