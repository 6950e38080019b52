using System.Net;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Storage;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Storage;

/// <summary>The database goes away under a running broker and comes back; nobody restarts anything.</summary>
public sealed class PostgresOutageTests : IDisposable
{
    private readonly TestPostgres server;

    public PostgresOutageTests()
    {
        Assert.SkipUnless(TestPostgres.IsThere, "no PostgreSQL server is named; ./dev test starts one");
        server = TestPostgres.CreateDatabase();
    }

    public void Dispose() => server.Dispose();

    [Fact]
    public async Task While_the_database_is_away_sends_are_refused_for_now_and_afterwards_they_go_through()
    {
        await using TestMesh mesh = await StartAsync();
        await using TestPeer alice = await mesh.JoinAsync("alice");
        await using TestPeer bob = await mesh.JoinAsync("bob");
        string id = Guid.CreateVersion7().ToString();
        await alice.SendAsync(bob.Key, "before");
        Assert.Equal("before", (await bob.NextMessageAsync()).Text);

        server.GoAway();
        JsonObject refused = await alice.SendAsync(bob.Key, "meanwhile", clientId: id);
        Assert.False((bool)refused["queued"]!);
        Assert.Equal("The broker cannot store anything at present. Try again in a moment.", (string?)refused["error"]);
        await Eventually.IsAsync("the broker is not ready", () => StatusOf(mesh) == HttpStatusCode.ServiceUnavailable);

        server.Return();
        await Eventually.IsAsync("the broker is ready again", () => StatusOf(mesh) == HttpStatusCode.OK);
        Assert.True((bool)(await alice.SendAsync(bob.Key, "meanwhile", clientId: id))["queued"]!);
        Assert.Equal("meanwhile", (await bob.NextMessageAsync()).Text);
    }

    [Fact]
    public async Task A_broker_that_nobody_uses_notices_too()
    {
        await using TestMesh mesh = await StartAsync();

        server.GoAway();
        await Eventually.IsAsync("the broker is not ready", () => StatusOf(mesh) == HttpStatusCode.ServiceUnavailable);

        server.Return();
        await Eventually.IsAsync("the broker is ready again", () => StatusOf(mesh) == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Connections_that_are_ended_again_and_again_lose_nothing_and_double_nothing()
    {
        const int Messages = 200;
        await using TestMesh mesh = await StartAsync();
        TestMember alice = await mesh.AddMemberAsync("alice");
        TestMember bob = await mesh.AddMemberAsync("bob");
        TestPeer sender = await alice.ConnectAsync();

        for (int i = 0; i < Messages; i++)
        {
            string id = Guid.CreateVersion7().ToString();
            if (i % 20 == 0)
                server.EndConnections();

            while (!await TrySendAsync(sender, bob, i, id))
            {
                await sender.DisposeAsync();
                sender = await ReconnectAsync(alice);
            }
        }

        await sender.DisposeAsync();
        await using TestPeer receiver = await ReconnectAsync(bob);
        for (int i = 0; i < Messages; i++)
            Assert.Equal($"message {i}", (await receiver.NextMessageAsync()).Text);
    }

    private Task<TestMesh> StartAsync() => TestMesh.StartAsync(change: settings => settings with { Database = server.Address });

    private static HttpStatusCode StatusOf(TestMesh mesh)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri("/health/ready", UriKind.Relative));
        using HttpResponseMessage response = mesh.Broker.Http.Send(request);
        return response.StatusCode;
    }

    /// <summary>As an outbox does: the same id until it is accepted, on a new connection where the old one is closed.</summary>
    private static async Task<bool> TrySendAsync(TestPeer sender, TestMember to, int number, string id)
    {
        try
        {
            JsonObject ack = await sender.SendAsync(to.Key.Public.ToString(), $"message {number}", clientId: id);
            return (bool)ack["queued"]!;
        }
        catch (Exception closed) when (closed is InvalidOperationException or System.Net.WebSockets.WebSocketException or IOException)
        {
            return false;
        }
    }

    private static async Task<TestPeer> ReconnectAsync(TestMember member)
    {
        TestPeer? peer = null;
        for (int attempt = 0; peer is null; attempt++)
        {
            try
            {
                peer = await member.ConnectAsync();
            }
            catch (Exception refused) when (attempt < 100 && refused is InvalidOperationException or System.Net.WebSockets.WebSocketException or IOException)
            {
            }
        }

        return peer;
    }
}
