using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Workspaces;

/// <summary>A workspace's short name and title.</summary>
public sealed class RenameTests
{
    [Fact]
    public async Task The_owner_renames_a_workspace_and_the_next_hello_says_so_also_after_a_restart()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        TestMember bob = await mesh.AddMemberAsync("bob");
        await using TestPeer owner = await mesh.OwnerAsync();

        JsonObject renamed = await owner.AskAsync(new RenameWorkspace(Slug.Parse("acme-two"), DisplayName.Parse("Acme Two")));
        JsonObject welcome = (await bob.ConnectAsync()).Welcome;
        await mesh.Broker.RestartAsync();

        Assert.Equal(("acme-two", "Acme Two"), ((string?)renamed["slug"], (string?)renamed["name"]));
        Assert.Equal(("acme-two", "Acme Two"), ((string?)welcome["slug"], (string?)welcome["name"]));
        Assert.Equal("acme-two", (string?)(await bob.ConnectAsync("again")).Welcome["slug"]);
    }

    [Fact]
    public async Task A_taken_short_name_and_a_caller_who_is_not_the_owner_are_refused()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestMesh other = await TestMesh.StartAsync(broker: mesh.Broker);
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer ann = await mesh.AdminAsync("ann");

        Assert.Equal("slug_unavailable", (await owner.AskAsync(new RenameWorkspace(Slug.Parse(other.Slug)))).Code());
        Assert.Equal("forbidden", (await ann.AskAsync(new RenameWorkspace(Slug.Parse("anns")))).Code());
        Assert.Equal("invalid_args", (await owner.AskAsync(new RenameWorkspace())).Code());
        Assert.Equal(mesh.Slug, (string?)(await owner.AskAsync(new RenameWorkspace(Name: DisplayName.Parse("Same"))))["slug"]);
    }
}
