using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Audit;

/// <summary>Who may read what was done, by which door.</summary>
public sealed class AuditDoorTests
{
    [Fact]
    [Trait("wire", "7.3 #10")]
    public async Task A_member_is_refused_and_an_admin_reads()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await using TestPeer admin = await mesh.AdminAsync("ann");

        Assert.Equal(("forbidden", "forbidden"), ((await bob.AskAsync(new AuditQuery())).Code(), (await bob.AskAsync(new AuditVerify())).Code()));
        JsonObject verified = await admin.AskAsync(new AuditVerify());
        Assert.Equal((true, 5), ((bool)verified["valid"]!, (int)verified["entries"]!));
        Assert.Equal([5, 4], (await admin.AskAsync(new AuditQuery(Limit: 2)))["entries"]!.AsArray().Select(entry => (int)entry!["id"]!));
        Assert.Equal("invalid_args", (await admin.AskAsync(new AuditQuery(Limit: 201))).Code());
        Assert.Equal("invalid_args", (await admin.AskAsync(new AuditQuery(Offset: 1, After: 1))).Code());
    }

    [Fact]
    public async Task Owners_and_admins_hear_that_it_has_grown_and_members_do_not()
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Required);
        await using TestPeer owner = await mesh.OwnerAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await owner.AskAsync(new ListMembers());

        await owner.AskAsync(new RenameWorkspace(Name: DisplayName.Parse("Another name")));

        Assert.Equal("audit", (string?)(await owner.Socket.NextAsync("resync"))["reason"]);
        JsonObject changed = await bob.Socket.NextAsync("workspace_changed");
        Assert.Equal("Another name", (string?)changed["name"]);
        Assert.DoesNotContain(await bob.Socket.AllUntilAnsweredAsync("resync"), frame => (string?)frame["reason"] == "audit");
    }

    [Fact]
    public async Task Over_rest_the_chain_is_read_forward_and_its_head_is_told()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await mesh.AddMemberAsync("bob");
        using TestKey key = await mesh.MakeKeyAsync([KeyCapability.Admin]);
        using TestKey reader = await mesh.MakeKeyAsync([KeyCapability.Read]);

        AuditPage page = (await key.GetAsync("/audit?after=1&limit=2")).Body!.Deserialize(ProtocolJson.Default.AuditPage)!;
        AuditHead head = (await key.GetAsync("/audit/head")).Body!.Deserialize(ProtocolJson.Default.AuditHead)!;

        Assert.Equal([2, 3], page.Entries.Select(entry => entry.Id));
        Assert.Equal((5, page.Head), (head.Seq, head));
        Assert.Equal((403, "api_key_missing_capability"), ((await reader.GetAsync("/audit")).Status, (await reader.GetAsync("/audit/head")).Code));
        Assert.Equal("invalid_args", (await key.GetAsync("/audit?limit=0")).Code);
        AuditEntry[] all = (await key.GetAsync("/audit?limit=200")).Body!.Deserialize(ProtocolJson.Default.AuditPage)!.Entries;
        Assert.Equal((head, null), AuditChain.Walk(mesh.Id, AuditChain.Start, all));
    }
}
