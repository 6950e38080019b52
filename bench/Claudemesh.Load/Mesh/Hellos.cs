using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.Load.Sockets;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Load.Mesh;

/// <summary>Which handshake a connection makes.</summary>
internal enum HelloKind
{
    /// <summary>1.x, on a channel whose readers acknowledge.</summary>
    Legacy,

    /// <summary>Ours: proves the member's key over the server's challenge.</summary>
    Member,
}

internal static class Hellos
{
    public static byte[] Legacy(string meshId, LoadMember member)
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        string session = RandomNumberGenerator.GetHexString(16, lowercase: true);
        byte[] signature = member.Key.Sign(new LegacyHello(meshId, member.Id, member.Key.Public, now));
        return Encode(new JsonObject
        {
            ["type"] = "hello",
            ["meshId"] = meshId,
            ["memberId"] = member.Id,
            ["pubkey"] = member.Key.Public.ToString(),
            ["sessionId"] = $"daemon-{session}",
            ["pid"] = Environment.ProcessId,
            ["cwd"] = "/tmp",
            ["channel"] = "claudemesh-daemon",
            ["timestamp"] = now,
            ["signature"] = Convert.ToHexStringLower(signature),
        });
    }

    /// <param name="challenge">The server's frame.</param>
    public static byte[] Member(string meshId, LoadMember member, ReadOnlySpan<byte> challenge)
    {
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        byte[] bytes = Convert.FromBase64String(Encoding.ASCII.GetString(JsonText.Find(challenge, "\"challenge\":\""u8)));
        byte[] signature = member.Key.Sign(new HelloText(meshId, member.Key.Public, bytes, now));
        return Encode(new JsonObject
        {
            ["type"] = "member_hello",
            ["_reqId"] = "hello",
            ["meshId"] = meshId,
            ["pubkey"] = member.Key.Public.ToString(),
            ["deviceId"] = RandomNumberGenerator.GetHexString(32, lowercase: true),
            ["client"] = "claudemesh-load",
            ["features"] = new JsonArray(),
            ["sentAt"] = now,
            ["signature"] = Convert.ToBase64String(signature),
        });
    }

    public static byte[] Encode(JsonObject message) => Encoding.UTF8.GetBytes(message.ToJsonString());
}
