using System.Text.Json.Nodes;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Moderation;

/// <summary>Requests of those who run a workspace, and what comes back: the reply or the refusal.</summary>
internal static class Moderators
{
    public static Task<TestPeer> OwnerAsync(this TestMesh mesh) =>
        new TestMember(mesh, mesh.OwnerKey, "owner", "").ConnectAsync("owner-device");

    public static async Task<TestPeer> AdminAsync(this TestMesh mesh, string name) =>
        await (await mesh.AddMemberAsync(name, role: "admin")).ConnectAsync();

    public static Task<JsonObject> AskAsync<T>(this TestPeer peer, T request)
        where T : class, IMessage => peer.Socket.AskAsync(request);

    public static async Task<JsonObject> AskAsync<T>(this TestSocket socket, T request)
        where T : class, IMessage
    {
        string id = Guid.NewGuid().ToString("N");
        await socket.SendAsync(request, id);
        return await socket.NextAsync($"the answer to {T.WireType}", frame => (string?)frame["_reqId"] == id);
    }

    public static string[] Texts(this JsonNode? list) => [.. list!.AsArray().Select(text => (string)text!)];

    public static string? Code(this JsonObject answer) => TestSocket.IsType(answer, "error") ? (string?)answer["code"] : null;
}
