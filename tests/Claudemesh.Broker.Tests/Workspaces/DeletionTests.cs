using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Tests.Moderation;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.Workspaces;

/// <summary>A workspace that is deleted ends at once for everybody, and nothing of it stays but that it was there.</summary>
public sealed class DeletionTests
{
    private const WebSocketCloseStatus Gone = (WebSocketCloseStatus)4002;

    /// <summary>What there is in the database that these tests run on.</summary>
    private static readonly string Tables = Environment.GetEnvironmentVariable("CLAUDEMESH_TEST_DATABASE") is "postgres"
        ? "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
        : "SELECT name FROM sqlite_master WHERE type = 'table'";

    [Fact]
    public async Task The_owner_types_its_name_and_it_ends_for_everybody_at_once()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer owner = await mesh.OwnerAsync();
        TestMember member = await mesh.AddMemberAsync("bob");
        await using TestPeer bob = await member.ConnectAsync();
        using TestKey key = await mesh.MakeKeyAsync();
        LegacyInviteToken invite = await mesh.InviteAsync();
        Assert.Equal("forbidden", (await bob.AskAsync(new DeleteWorkspace(Slug.Parse(mesh.Slug)))).Code());
        Assert.Equal("not_confirmed", (await owner.AskAsync(new DeleteWorkspace(Slug.Parse("another")))).Code());

        JsonObject deleted = await owner.AskAsync(new DeleteWorkspace(Slug.Parse(mesh.Slug)));

        Assert.Equal(("workspace_deleted", mesh.Slug), ((string?)deleted["type"], (string?)deleted["slug"]));
        Assert.Equal("workspace_ended", (string?)(await bob.Socket.NextAsync("error"))["code"]);
        Assert.Equal((Gone, Gone, "ended"), (await bob.Socket.ClosedAsync(), await owner.Socket.ClosedAsync(), bob.Socket.CloseReason));
        Assert.Equal("workspace_ended", await RefusedAsync(mesh, member));
        Assert.Equal((401, "api_key_invalid"), ((await key.GetAsync("/members")).Status, (await key.GetAsync("/members")).Code));
        using MemberSecretKey joiner = MemberSecretKey.Generate();
        Assert.Equal(400, (int)(await mesh.PostJoinAsync(invite, joiner, "carol")).StatusCode);
        await mesh.Broker.RestartAsync();
        Assert.Equal("workspace_ended", await RefusedAsync(mesh, member));
    }

    [Fact]
    public async Task Every_row_of_it_is_deleted_and_none_of_another()
    {
        await using TestMesh other = await TestMesh.StartAsync(log: LogKind.Required);
        await FillAsync(other);
        await other.CloseOwnerAsync();
        Dictionary<string, long> before = await CountAsync(other.Broker);
        await using TestMesh mesh = await TestMesh.StartAsync(broker: other.Broker, log: LogKind.Required);
        await FillAsync(mesh);
        Assert.All(await CountAsync(other.Broker), table => Assert.True(table.Value > 0 == before[table.Key] > 0, table.Key));
        await using TestPeer owner = await mesh.OwnerAsync();

        await owner.AskAsync(new DeleteWorkspace(Slug.Parse(mesh.Slug)));
        await owner.Socket.ClosedAsync();
        await other.Broker.Services.GetRequiredService<WorkspaceDeletion>().RunOnceAsync(CancellationToken.None);
        await Eventually.IsAsync("all of it is deleted", async () => (await CountAsync(other.Broker))["member"] == before["member"]);

        Dictionary<string, long> after = await CountAsync(other.Broker);
        before["mesh"]++;
        Assert.Equal(before.OrderBy(table => table.Key), after.OrderBy(table => table.Key));
    }

    [Fact]
    public async Task Its_name_is_free_again_and_its_id_is_not()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using (TestPeer owner = await mesh.OwnerAsync())
            await owner.AskAsync(new DeleteWorkspace(Slug.Parse(mesh.Slug)));

        await Assert.ThrowsAsync<InvalidOperationException>(() => TestMesh.StartAsync(broker: mesh.Broker, ownerKey: mesh.OwnerKey, id: mesh.Id));
        Slug? slug = (await mesh.Broker.Services.GetRequiredService<WorkspaceStore>().CreateAsync(
            new NewWorkspace(MeshId.Parse(RandomBytes.NextId()), Slug.Parse(mesh.Slug), "x", mesh.OwnerKey.Public, MemberId.Parse(RandomBytes.NextId()), "owner"),
            CancellationToken.None)).Slug;
        Assert.Equal(mesh.Slug, slug!.Value.Value);
    }

    [Fact]
    [Trait("rest", "7.1 A19")]
    public async Task A_new_short_name_is_the_one_workspaces_and_no_ended_one_answers_to_it()
    {
        await using TestMesh first = await TestMesh.StartAsync();
        await using TestMesh second = await TestMesh.StartAsync(broker: first.Broker);
        await using TestPeer one = await first.OwnerAsync();
        await using TestPeer two = await second.OwnerAsync();

        Assert.Equal("slug_unavailable", (await two.AskAsync(new RenameWorkspace(Slug.Parse(first.Slug)))).Code());
        await one.AskAsync(new RenameWorkspace(Slug.Parse("moved-" + first.Slug)));
        await two.AskAsync(new RenameWorkspace(Slug.Parse(first.Slug)));
        await using TestPeer again = await first.OwnerMember().ConnectAsync();
        Assert.Equal(("moved-" + first.Slug, first.Id), ((string?)again.Welcome["slug"], (string?)again.Welcome["meshId"]));

        await two.AskAsync(new DeleteWorkspace(Slug.Parse(first.Slug)));
        await one.AskAsync(new RenameWorkspace(Slug.Parse(first.Slug)));
        using TestAccount ann = await TestAccount.CreateAsync(first.Broker, "ann");
        await ann.OwnMemberAsync(first.Broker, first.OwnerId);
        await ann.OwnMemberAsync(first.Broker, second.OwnerId);
        ann.Http.DefaultRequestHeaders.Add("X-Workspace", first.Slug);
        RestAnswer shown = await RestAnswer.ReadAsync(await ann.Http.GetAsync(new Uri("/api/v1/workspace", UriKind.Relative)));
        Assert.Equal((200, first.Id), (shown.Status, (string?)shown.Body!["mesh"]));
    }

    /// <summary>Something of each kind that such a workspace can have.</summary>
    private static async Task FillAsync(TestMesh mesh)
    {
        TestPeer owner = await mesh.OwnerAsync();
        TestPeer bob = await mesh.JoinAsync("bob");
        await owner.SendAsync(bob.Key, "hello");
        await mesh.Log.InviteAsync();
        await owner.OpenSessionAsync("s1");
        using TestKey key = await mesh.MakeKeyAsync([KeyCapability.Read], ["general"]);
        await owner.AskAsync(new ChangeGrants("bob", Take: [GrantedCapability.Dm]));
        await owner.DisposeAsync();
        await bob.DisposeAsync();
    }

    private static async Task<Dictionary<string, long>> CountAsync(TestBroker broker)
    {
        string[] passing = ["broker_secret", "schema_migration", "write_probe", "sqlite_sequence", "account", "login_session"];
        return await broker.Services.GetRequiredService<Database>().ReadAsync(
            (Sql sql) =>
            {
                List<string> tables = sql.List(Tables, static row => row.GetString(0));
                return tables.Except(passing).ToDictionary(table => table, table => sql.FindNumber(string.Create(CultureInfo.InvariantCulture, $"SELECT count(*) FROM {table}"))!.Value);
            },
            CancellationToken.None);
    }

    private static async Task<string> RefusedAsync(TestMesh mesh, TestMember member)
    {
        await using TestSocket socket = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        await socket.SendAsync(member.Hello(await socket.NextAsync("challenge")));
        string code = (string)(await socket.NextAsync("error"))["code"]!;
        Assert.Equal(Gone, await socket.ClosedAsync());
        return code;
    }
}
