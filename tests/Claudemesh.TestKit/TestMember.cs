using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.TestKit;

/// <summary>A member of a test workspace and its key; connects as any kind of client.</summary>
public sealed class TestMember(TestMesh mesh, MemberSecretKey key, string name, string id)
{
    public TestMesh Mesh => mesh;

    public MemberSecretKey Key => key;

    public string Name => name;

    public string Id => id;

    /// <summary>Connects with our hello.</summary>
    public async Task<TestPeer> ConnectAsync(
        string device = "device1", bool presence = true, bool receipts = true, string? incarnation = null, ResumePoint[]? resume = null, string? origin = null)
    {
        TestSocket socket = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl, origin);
        JsonObject challenge = await socket.NextAsync("challenge");
        await socket.SendAsync(Hello(challenge, device, presence, receipts, incarnation, resume), "hello");
        JsonObject welcome = await socket.NextAsync("member_welcome");
        return new TestPeer(this, socket, welcome);
    }

    /// <summary>Makes an API key of this member, as its clients do: over a connection of its own.</summary>
    /// <param name="topics">Names or ids; null: not limited.</param>
    public async Task<TestKey> MakeKeyAsync(
        KeyCapability[]? capabilities = null, string[]? topics = null, DateTimeOffset? expiresAt = null, string label = "a script")
    {
        await using TestPeer peer = await ConnectAsync("key-maker", presence: false);
        ApiKeyCreate create = new(DisplayName.Parse(label), capabilities ?? [KeyCapability.Send, KeyCapability.Read], topics, expiresAt);
        await peer.Socket.SendAsync(create, "make-key");
        JsonObject made = await peer.Socket.NextAsync("the answer to apikey_create", frame => (string?)frame["_reqId"] == "make-key");
        if (!TestSocket.IsType(made, ApiKeyCreated.WireType))
            throw new InvalidOperationException($"{name} could not make a key: {made.ToJsonString()}");

        return new TestKey(mesh.Broker, (string)made["id"]!, (string)made["secret"]!);
    }

    public MemberHello Hello(
        JsonObject challenge, string device = "device1", bool presence = true, bool receipts = true, string? incarnation = null, ResumePoint[]? resume = null)
    {
        long now = mesh.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        byte[] bytes = Convert.FromBase64String((string)challenge["challenge"]!);
        return new MemberHello(
            MeshId.Parse(mesh.Id),
            key.Public,
            DeviceId.Parse(device),
            "test/1",
            [.. receipts ? (string[])["receipts", "resends", "objects"] : [], .. mesh.FindLog is null ? (string[])[] : ["log"]],
            now,
            key.Sign(new HelloText(mesh.Id, key.Public, bytes, now)),
            DisplayName: mesh.FindLog is null ? null : DisplayName.Parse(name),
            Presence: presence,
            Incarnation: incarnation,
            Resume: resume);
    }

    /// <summary>Connects with the 1.x hello, as a daemon's member socket or a cold verb does.</summary>
    public async Task<LegacyPeer> ConnectLegacyAsync(
        string channel = "claudemesh-daemon", string? sessionId = null, SigningKey? sessionKey = null, GroupTag[]? groups = null)
    {
        TestSocket socket = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        await socket.SendAsync(LegacyHello(channel, sessionId ?? "daemon-1", sessionKey?.Public.ToString(), groups));
        JsonObject ack = await socket.NextAsync("hello_ack");
        return new LegacyPeer(this, sessionKey ?? key.Key, socket, ack);
    }

    public Hello LegacyHello(string channel, string sessionId, string? sessionPubkey = null, GroupTag[]? groups = null)
    {
        long now = mesh.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        string signature = Convert.ToHexStringLower(key.Sign(new LegacyHello(mesh.Id, id, key.Public, now)));
        return new Hello(
            mesh.Id, id, key.Public.ToString(), sessionId, 1, now, signature, "/home/test", sessionPubkey,
            Channel: channel, Groups: groups);
    }

    /// <summary>Connects one session with the 1.x session hello.</summary>
    public async Task<LegacyPeer> ConnectLegacySessionAsync(SigningKey session, string sessionId, GroupTag[]? groups = null)
    {
        TestSocket socket = await TestSocket.ConnectAsync(mesh.Broker.SocketUrl);
        await socket.SendAsync(LegacySessionHello(session, sessionId, groups));
        JsonObject ack = await socket.NextAsync("hello_ack");
        return new LegacyPeer(this, session, socket, ack);
    }

    public SessionHello LegacySessionHello(SigningKey session, string sessionId, GroupTag[]? groups = null)
    {
        long now = mesh.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        long expires = now + 12 * 60 * 60 * 1000;
        return new SessionHello(
            mesh.Id,
            key.Public.ToString(),
            session.Public.ToString(),
            sessionId,
            2,
            "/home/test",
            now,
            Convert.ToHexStringLower(session.Sign(new LegacySessionHello(mesh.Id, key.Public, session.Public, now))),
            new ParentAttestation(
                session.Public.ToString(), key.Public.ToString(), expires, Convert.ToHexStringLower(key.AttestLegacy(session.Public, expires))),
            id,
            name + "-session",
            PeerType: "ai",
            Channel: "claudemesh-session",
            Groups: groups);
    }
}
