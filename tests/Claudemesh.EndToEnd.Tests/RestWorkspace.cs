using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>A workspace without a log on a published broker, so that plain text may be posted in it, and its owner, who makes API keys.</summary>
internal sealed class RestWorkspace : IDisposable
{
    private readonly BrokerProgram broker;
    private readonly string id = RandomBytes.NextId();
    private readonly MemberSecretKey owner = MemberSecretKey.Generate();

    private RestWorkspace(BrokerProgram broker) => this.broker = broker;

    public static async Task<RestWorkspace> CreateAsync(BrokerProgram broker)
    {
        RestWorkspace workspace = new(broker);
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        string slug = "mesh-" + workspace.id[..8].ToLowerInvariant();
        byte[] proof = workspace.owner.Sign(new WorkspaceCreateText(workspace.id, slug, "Test", workspace.owner.Public, now));
        CreateWorkspace create = new(
            MeshId.Parse(workspace.id), Slug.Parse(slug), DisplayName.Parse("Test"), workspace.owner.Public, DisplayName.Parse("owner"), now, proof);
        using HttpClient http = new() { BaseAddress = broker.Url };
        using StringContent body = new(JsonSerializer.Serialize(create, ProtocolJson.Default.CreateWorkspace), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync(new Uri("/api/v1/workspaces", UriKind.Relative), body);
        return response.IsSuccessStatusCode ? workspace : throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
    }

    /// <returns>A client that asks with a new API key of the owner's, which may send and read.</returns>
    public async Task<HttpClient> MakeClientAsync()
    {
        await using TestSocket socket = await TestSocket.ConnectAsync(new UriBuilder(broker.Url) { Scheme = "ws", Path = "/ws" }.Uri);
        JsonObject challenge = await socket.NextAsync("challenge");
        byte[] bytes = Convert.FromBase64String((string)challenge["challenge"]!);
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await socket.SendAsync(
            new MemberHello(
                MeshId.Parse(id), owner.Public, DeviceId.Parse("key-maker"), "test/1", [], now, owner.Sign(new HelloText(id, owner.Public, bytes, now)), Presence: false),
            "hello");
        await socket.NextAsync("member_welcome");
        await socket.SendAsync(new ApiKeyCreate(DisplayName.Parse("a script"), [KeyCapability.Send, KeyCapability.Read]), "key");
        JsonObject made = await socket.NextAsync("apikey_created");
        HttpClient client = new() { BaseAddress = broker.Url, Timeout = TestSocket.Patience };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)made["secret"]!);
        return client;
    }

    public void Dispose() => owner.Dispose();
}
