using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Load.Sockets;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Load.Mesh;

/// <summary>A workspace with its members: made on a broker in the way that anybody makes one, or only imagined for the sink.</summary>
internal sealed class LoadMesh
{
    private const int UsesMax = 1000;
    private const int JoinsAtOnceMax = 64;
    private const string IdAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private readonly LoadMember owner = LoadMember.Generate("owner");

    private LoadMesh(int members)
    {
        Members = new LoadMember[members];
        for (int at = 0; at < members; at++)
            Members[at] = LoadMember.Generate($"member {at}");
    }

    public string Id { get; } = RandomNumberGenerator.GetString(IdAlphabet, 32);

    public string Slug { get; private set; } = $"load-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    public LoadMember[] Members { get; }

    /// <summary>Members that no server knows; the sink takes them as they come.</summary>
    public static LoadMesh Imagine(int members) => new(members);

    public static async Task<LoadMesh> CreateAsync(Uri broker, int members, CancellationToken cancellationToken)
    {
        LoadMesh mesh = new(members);
        using SocketsHttpHandler handler = new() { MaxConnectionsPerServer = JoinsAtOnceMax };
        using HttpClient http = new(handler) { BaseAddress = broker };
        await mesh.CreateWorkspaceAsync(http, cancellationToken);

        using ClientWebSocket door = await mesh.OpenOwnersDoorAsync(broker, cancellationToken);
        for (int first = 0; first < members; first += UsesMax)
        {
            string token = await mesh.InviteAsync(door, broker, cancellationToken);
            await Parallel.ForEachAsync(
                mesh.Members.Skip(first).Take(UsesMax),
                new ParallelOptions { MaxDegreeOfParallelism = JoinsAtOnceMax, CancellationToken = cancellationToken },
                async (member, cancelled) => await mesh.JoinAsync(http, token, member, cancelled));
        }

        await door.CloseAsync(WebSocketCloseStatus.NormalClosure, "", cancellationToken);
        return mesh;
    }

    /// <summary>The id of the topic that every member is in.</summary>
    public async Task<string> FindGeneralAsync(Uri broker, CancellationToken cancellationToken)
    {
        using ClientWebSocket door = await OpenOwnersDoorAsync(broker, cancellationToken);
        byte[] request = Hellos.Encode(new JsonObject { ["type"] = "topic_list", ["_reqId"] = "topics" });
        await door.SendAsync(request, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        byte[] list = await ReceiveAsync(door, "topic_list_response", cancellationToken);
        await door.CloseAsync(WebSocketCloseStatus.NormalClosure, "", cancellationToken);
        return Encoding.ASCII.GetString(JsonText.Find(list, "\"id\":\""u8));
    }

    /// <summary>The secret of an API key of the owner's, which may send and read.</summary>
    public async Task<string> MakeKeyAsync(Uri broker, CancellationToken cancellationToken)
    {
        using ClientWebSocket door = await OpenOwnersDoorAsync(broker, cancellationToken);
        byte[] request = Hellos.Encode(new JsonObject
        {
            ["type"] = "apikey_create", ["_reqId"] = "key", ["label"] = "bench", ["capabilities"] = new JsonArray("send", "read"),
        });
        await door.SendAsync(request, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        byte[] created = await ReceiveAsync(door, "apikey_created", cancellationToken);
        await door.CloseAsync(WebSocketCloseStatus.NormalClosure, "", cancellationToken);
        return Encoding.ASCII.GetString(JsonText.Find(created, "\"secret\":\""u8));
    }

    private static async Task<JsonNode> PostAsync(HttpClient http, string path, JsonObject body, CancellationToken cancellationToken)
    {
        using StringContent content = new(body.ToJsonString(), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
        string text = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new InvalidOperationException($"{path} was refused with {(int)response.StatusCode}: {text}");
    }

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket socket, string type, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[64 * 1024];
        while (true)
        {
            ValueWebSocketReceiveResult received = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            byte[] text = buffer[..received.Count];
            string actual = Encoding.UTF8.GetString(JsonText.Type(text));
            if (string.Equals(actual, type, StringComparison.Ordinal))
                return text;

            if (received.MessageType == WebSocketMessageType.Close || string.Equals(actual, "error", StringComparison.Ordinal))
                throw new InvalidOperationException($"Instead of {type} came: {Encoding.UTF8.GetString(text)} {socket.CloseStatusDescription}");
        }
    }

    private static long UnixMilliseconds() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task CreateWorkspaceAsync(HttpClient http, CancellationToken cancellationToken)
    {
        long now = UnixMilliseconds();
        byte[] proof = owner.Key.Sign(new WorkspaceCreateText(Id, Slug, Slug, owner.Key.Public, now));
        JsonNode created = await PostAsync(
            http,
            "/api/v1/workspaces",
            new JsonObject
            {
                ["mesh_id"] = Id,
                ["slug"] = Slug,
                ["name"] = Slug,
                ["owner_pubkey"] = owner.Key.Public.ToString(),
                ["display_name"] = owner.Name,
                ["created_at"] = now,
                ["proof"] = Convert.ToBase64String(proof),
            },
            cancellationToken);
        owner.Id = created["member_id"]!.GetValue<string>();
        Slug = created["slug"]!.GetValue<string>();
    }

    private async Task<ClientWebSocket> OpenOwnersDoorAsync(Uri broker, CancellationToken cancellationToken)
    {
        ClientWebSocket socket = new();
        await socket.ConnectAsync(new UriBuilder(broker) { Scheme = "ws", Path = "/ws" }.Uri, cancellationToken);
        byte[] challenge = await ReceiveAsync(socket, "challenge", cancellationToken);
        await socket.SendAsync(Hellos.Member(Id, owner, challenge), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        await ReceiveAsync(socket, "member_welcome", cancellationToken);
        return socket;
    }

    private async Task<string> InviteAsync(ClientWebSocket door, Uri broker, CancellationToken cancellationToken)
    {
        string url = new UriBuilder(broker) { Scheme = "ws", Path = "/ws" }.Uri.ToString();
        long expiresAt = TimeProvider.System.GetUtcNow().AddDays(1).ToUnixTimeSeconds();
        string token = LegacyInviteToken.Issue(owner.Key, Id, Slug, url, expiresAt, "member").Token;
        byte[] request = Hellos.Encode(new JsonObject { ["type"] = "invite_create", ["_reqId"] = "invite", ["token"] = token, ["uses"] = UsesMax });
        await door.SendAsync(request, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        await ReceiveAsync(door, "invite_created", cancellationToken);
        return token;
    }

    private async Task JoinAsync(HttpClient http, string token, LoadMember member, CancellationToken cancellationToken)
    {
        long now = UnixMilliseconds();
        Digest hash = new(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        byte[] possession = member.Key.Sign(new JoinPossessionText(Id, hash, member.Key.Public, now));
        JsonNode payload = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token))!;
        JsonNode joined = await PostAsync(
            http,
            "/join",
            new JsonObject
            {
                ["invite_token"] = token,
                ["invite_payload"] = payload,
                ["peer_pubkey"] = member.Key.Public.ToString(),
                ["display_name"] = member.Name,
                ["joined_at"] = now,
                ["possession"] = Convert.ToBase64String(possession),
            },
            cancellationToken);
        member.Id = joined["memberId"]!.GetValue<string>();
    }
}
