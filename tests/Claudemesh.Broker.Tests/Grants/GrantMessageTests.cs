using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Grants;

/// <summary>What a member says about others, and what becomes of their messages.</summary>
public sealed class GrantMessageTests
{
    private static readonly GrantedCapability[] All = Enum.GetValues<GrantedCapability>();

    [Fact]
    public async Task Who_is_blocked_is_told_so_and_who_is_unblocked_can_write_again()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");

        JsonObject blocked = await alice.AskAsync(new ChangeGrants("bob", Take: All));
        JsonObject refused = await bob.SendAsync(alice.Key, "hello");
        JsonObject reset = await alice.AskAsync(new ChangeGrants("bob", Reset: true));
        JsonObject accepted = await bob.SendAsync(alice.Key, "hello again");

        Assert.Empty(blocked["grant"]!["capabilities"].Texts());
        Assert.Equal(("blocked", false), ((string?)refused["code"], (bool)refused["queued"]!));
        Assert.StartsWith("blocked by recipient grants", (string?)refused["error"], StringComparison.Ordinal);
        Assert.Equal(["read", "dm", "broadcast", "state-read"], reset["grant"]!["capabilities"].Texts());
        Assert.True((bool)reset["grant"]!["isDefault"]!);
        Assert.True((bool)accepted["queued"]!);
        Assert.Equal("hello again", (await alice.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task A_member_without_broadcast_may_still_write_to_the_member_itself()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");

        await alice.AskAsync(new ChangeGrants(bob.Key[..16], Take: [GrantedCapability.Broadcast]));
        await bob.SendAsync("*", "to all");
        await bob.SendAsync(alice.Key, "to you");

        Assert.Equal("to you", (await alice.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task Grants_are_the_members_own_listed_without_the_defaults_and_outlive_the_broker()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember alice = await mesh.AddMemberAsync("alice");
        await mesh.AddMemberAsync("bob");
        await mesh.AddMemberAsync("carol");
        await using (TestPeer first = await alice.ConnectAsync())
        {
            await first.AskAsync(new ChangeGrants("bob", Give: [GrantedCapability.FileRead], Take: [GrantedCapability.Dm]));
            await first.AskAsync(new ChangeGrants("carol", Give: [GrantedCapability.Read]));
        }

        await mesh.Broker.RestartAsync();
        await using TestPeer again = await alice.ConnectAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        JsonObject row = (JsonObject)Assert.Single((await again.AskAsync(new ListGrants()))["grants"]!.AsArray())!;

        Assert.Equal(("bob", false), ((string?)row["displayName"], (bool)row["isDefault"]!));
        Assert.Equal(["read", "broadcast", "state-read", "file-read"], row["capabilities"].Texts());
        Assert.Empty((await owner.AskAsync(new ListGrants()))["grants"]!.AsArray());
    }

    [Fact]
    public async Task A_grant_to_oneself_to_nobody_or_of_nothing_is_refused()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");

        Assert.Equal("own_grant", (await alice.AskAsync(new ChangeGrants("alice", Take: All))).Code());
        Assert.Equal("not_found", (await alice.AskAsync(new ChangeGrants("nobody", Take: All))).Code());
        Assert.Equal("invalid_args", (await alice.AskAsync(new ChangeGrants("alice"))).Code());
    }

    [Fact]
    public async Task Many_changes_at_once_all_hold()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember alice = await mesh.AddMemberAsync("alice");
        await mesh.AddMemberAsync("bob");
        await using TestPeer laptop = await alice.ConnectAsync("laptop");
        await using TestPeer desk = await alice.ConnectAsync("desk");

        await Task.WhenAll(
            laptop.AskAsync(new ChangeGrants("bob", Take: [GrantedCapability.Dm])),
            desk.AskAsync(new ChangeGrants("bob", Take: [GrantedCapability.Read])));

        JsonNode row = Assert.Single((await desk.AskAsync(new ListGrants()))["grants"]!.AsArray())!;
        Assert.Equal(["broadcast", "state-read"], row["capabilities"].Texts());
    }
}
