using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Broker.Tests.Invites;

/// <summary>Which invites are open, and how one is ended.</summary>
public sealed class InviteMessageTests
{
    [Fact]
    public async Task Only_invites_that_can_still_be_used_are_listed_with_what_is_left_of_them()
    {
        FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());
        await using TestMesh mesh = await TestMesh.StartAsync(clock);
        await using TestPeer ann = await mesh.AdminAsync("ann");
        await mesh.InviteAsync(uses: 1, validFor: TimeSpan.FromMinutes(5));
        LegacyInviteToken wide = await mesh.InviteAsync(uses: 3, role: "admin");
        await JoinAsync(mesh, wide, "bob");
        clock.Advance(TimeSpan.FromSeconds(20));

        JsonObject[] before = await ListAsync(ann);
        Assert.Equal(["admin", "member"], before.Select(invite => (string)invite["role"]!));
        Assert.Equal((2, 3, "owner"), ((int)before[0]["usesLeft"]!, (int)before[0]["usesMax"]!, (string)before[0]["createdBy"]!));

        await JoinAsync(mesh, wide, "carol");
        await JoinAsync(mesh, wide, "dave");
        Assert.Equal("member", (string?)Assert.Single(await ListAsync(ann))["role"]);
    }

    [Fact]
    [Trait("cli", "7 ids: done, said of what changed nothing")]
    public async Task A_revoked_invite_lets_nobody_in_and_says_that_it_was_withdrawn()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer ann = await mesh.AdminAsync("ann");
        LegacyInviteToken invite = await mesh.InviteAsync(uses: 3);
        string id = (string)Assert.Single(await ListAsync(ann))["inviteId"]!;

        JsonObject revoked = await ann.AskAsync(new InviteRevoke(InviteId.Parse(id[..6])));

        Assert.Equal(id, (string?)revoked["inviteId"]);
        using MemberSecretKey key = MemberSecretKey.Generate();
        Assert.Contains("withdrawn", await (await mesh.PostJoinAsync(invite, key, "bob")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(await ListAsync(ann));
        Assert.Equal("invite_not_found", (await ann.AskAsync(new InviteRevoke(InviteId.Parse(id)))).Code());
    }

    [Fact]
    [Trait("wire", "7.3 #10")]
    public async Task Members_neither_list_nor_revoke_invites_and_other_workspaces_have_their_own()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestMesh other = await TestMesh.StartAsync(broker: mesh.Broker);
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer stranger = await other.OwnerAsync();
        await mesh.InviteAsync();
        string id = (string)Assert.Single(await ListAsync(owner))["inviteId"]!;

        Assert.Equal("forbidden", (await bob.AskAsync(new ListInvites())).Code());
        Assert.Equal("forbidden", (await bob.AskAsync(new InviteRevoke(InviteId.Parse(id)))).Code());
        Assert.Equal("invite_not_found", (await stranger.AskAsync(new InviteRevoke(InviteId.Parse(id)))).Code());
        Assert.Empty(await ListAsync(stranger));
        Assert.Single(await ListAsync(owner));
    }

    private static async Task<JsonObject[]> ListAsync(TestPeer peer) =>
        [.. (await peer.AskAsync(new ListInvites()))["invites"]!.AsArray().Select(invite => (JsonObject)invite!)];

    private static async Task JoinAsync(TestMesh mesh, LegacyInviteToken invite, string name)
    {
        using MemberSecretKey key = MemberSecretKey.Generate();
        Assert.Equal(200, (int)(await mesh.PostJoinAsync(invite, key, name)).StatusCode);
    }
}
