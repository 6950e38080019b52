using System.Text.Json.Nodes;
using Claudemesh.Broker.Grants;
using Claudemesh.Broker.Tests.Compatibility;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Grants;

/// <summary>Wire reference 4.6: the sender's member key is looked up, then its session key, then the default holds.</summary>
public sealed class SessionGrantTests
{
    [Fact]
    public async Task An_entry_for_a_session_key_holds_for_that_session_alone()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        SessionSecretKey noisy = await alice.OpenSessionAsync("noisy");
        await alice.OpenSessionAsync("quiet");
        await SetAsync(mesh, bob, noisy.Public, Capability.None);

        JsonObject refused = await alice.SendAsync(bob.Key, "from the noisy one", session: "noisy");
        await alice.SendAsync(bob.Key, "from the quiet one", session: "quiet");
        await alice.SendAsync(bob.Key, "from herself");

        Assert.Equal("blocked", (string?)refused["code"]);
        Assert.Equal("from the quiet one", (await bob.NextMessageAsync()).Text);
        Assert.Equal("from herself", (await bob.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task An_entry_for_the_member_key_comes_before_one_for_its_session()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        SessionSecretKey session = await alice.OpenSessionAsync("s1");
        await SetAsync(mesh, bob, session.Public, Capability.None);
        await SetAsync(mesh, bob, alice.Member.Key.Public, Capability.Dm);

        JsonObject accepted = await alice.SendAsync(bob.Key, "known", session: "s1");

        Assert.True((bool)accepted["queued"]!);
        Assert.Equal("known", (await bob.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task A_session_that_may_not_broadcast_is_heard_by_the_others_only()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");
        await using LegacyPeer carol = await mesh.JoinLegacyAsync("carol");
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        SigningKey key = MemberSecretKey.Generate().Key;
        await using LegacyPeer session = await alice.ConnectLegacySessionAsync(key, "s1");
        await SetAsync(mesh, bob.Member, key.Public, Capability.Dm);

        await session.SendAsync("*", "hear ye");
        await session.SendAsync(bob.Member.Key.Public.ToString(), "you alone");

        Assert.Equal("hear ye", (await carol.NextMessageAsync()).Text);
        Assert.Equal("you alone", (await bob.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task An_entry_made_before_its_session_was_ever_seen_holds_when_it_comes()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using LegacyPeer bob = await mesh.JoinLegacyAsync("bob");
        TestMember alice = await mesh.AddMemberAsync("alice", legacy: true);
        SigningKey key = MemberSecretKey.Generate().Key;
        await SetAsync(mesh, bob.Member, key.Public, Capability.None);
        await using LegacyPeer session = await alice.ConnectLegacySessionAsync(key, "s1");

        JsonObject refused = await session.SendAsync(bob.Key, "hello?");

        Assert.StartsWith("blocked by recipient grants", (string?)refused["error"], StringComparison.Ordinal);
    }

    private static Task SetAsync(TestMesh mesh, TestPeer recipient, PublicKey sender, Capability capabilities) =>
        SetAsync(mesh, recipient.Member, sender, capabilities);

    private static async Task SetAsync(TestMesh mesh, TestMember recipient, PublicKey sender, Capability capabilities)
    {
        Workspace workspace = await mesh.OpenAsync();
        workspace.Grants.Set(workspace.Members.Find(recipient.Key.Public)!.No, sender, capabilities);
        workspace.RefreshDirectory();
    }
}
