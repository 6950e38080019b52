using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Migrating;

/// <summary>Somebody with a 1.x client: joins by the long link, says the 1.x hello, writes boxes, and has the configuration that 1.x keeps.</summary>
internal sealed class LegacyPerson : IDisposable
{
    private readonly TestBroker broker;
    private readonly MemberSecretKey key;

    private LegacyPerson(TestBroker broker, MemberSecretKey key, string name, string meshId, string slug, string memberId)
    {
        this.broker = broker;
        this.key = key;
        Name = name;
        MeshId = meshId;
        Slug = slug;
        MemberId = memberId;
    }

    public string Name { get; }

    public string MeshId { get; }

    public string Slug { get; }

    public string MemberId { get; }

    public MemberSecretKey Key => key;

    public string Public => key.Public.ToString();

    /// <summary>The sockets' address of its broker, as 1.x writes it down.</summary>
    public string BrokerUrl { get; init; } = "";

    /// <param name="link">A long link.</param>
    public static async Task<LegacyPerson> JoinAsync(TestBroker broker, string link, string name)
    {
        Assert.True(LegacyInviteToken.TryFindInLink(link, out string? token));
        Assert.True(LegacyInviteToken.TryParse(token!, out LegacyInviteToken? invite));
        MemberSecretKey key = MemberSecretKey.Generate();
        var join = new Join(invite!.Token, TestMesh.Payload(invite), key.Public, DisplayName.Parse(name));
        using var content = new StringContent(JsonSerializer.Serialize(join, ProtocolJson.Default.Join), Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await broker.Http.PostAsync(new Uri("/join", UriKind.Relative), content);
        string body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, body);
        Joined joined = JsonSerializer.Deserialize(body, ProtocolJson.Default.Joined)!;
        return new LegacyPerson(broker, key, name, invite.Invite.MeshId, invite.Invite.MeshSlug, joined.MemberId.Value) { BrokerUrl = broker.SocketUrl.ToString() };
    }

    /// <summary>A member of a workspace that the test kit has made.</summary>
    public static LegacyPerson Of(TestMember member) => new(
        member.Mesh.Broker, MemberSecretKey.FromSeed(member.Key.Key.ExposeSeed()), member.Name, member.Mesh.Id, member.Mesh.Slug, member.Id)
    {
        BrokerUrl = member.Mesh.Broker.SocketUrl.ToString(),
    };

    /// <summary>As its daemon's own connection.</summary>
    public async Task<TestSocket> ConnectAsync()
    {
        TestSocket socket = await TestSocket.ConnectAsync(broker.SocketUrl);
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        string signature = Convert.ToHexStringLower(key.Sign(new LegacyHello(MeshId, MemberId, key.Public, now)));
        await socket.SendAsync(new Hello(MeshId, MemberId, Public, "daemon-1", 1, now, signature, "/home/test", Channel: "claudemesh-daemon"));
        await socket.NextAsync("hello_ack");
        return socket;
    }

    /// <summary>As one of its sessions.</summary>
    public async Task<TestSocket> ConnectSessionAsync(SigningKey session, string sessionId)
    {
        TestSocket socket = await TestSocket.ConnectAsync(broker.SocketUrl);
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        long expires = now + 60 * 60 * 1000;
        string sessionKey = session.Public.ToString();
        await socket.SendAsync(new SessionHello(
            MeshId,
            Public,
            sessionKey,
            sessionId,
            2,
            "/home/test",
            now,
            Convert.ToHexStringLower(session.Sign(new LegacySessionHello(MeshId, key.Public, session.Public, now))),
            new ParentAttestation(sessionKey, Public, expires, Convert.ToHexStringLower(key.AttestLegacy(session.Public, expires))),
            MemberId,
            Name + "-session",
            PeerType: "ai",
            Channel: "claudemesh-session"));
        await socket.NextAsync("hello_ack");
        return socket;
    }

    /// <summary>Writes a box to a key; returns when the broker has it.</summary>
    public async Task WriteAsync(TestSocket socket, string to, string text)
    {
        using var pairs = new PairKeys(key.Key, MeshId);
        Assert.True(LegacyDirect.TrySeal(pairs, PublicKey.Parse(to), text, out byte[]? nonce, out byte[]? ciphertext));
        string id = Guid.NewGuid().ToString("N");
        await socket.SendAsync(new Send(to, nonce!, ciphertext!, id, ClientMessageId: id));
        JsonObject ack = await socket.NextAsync("the ack", frame => TestSocket.IsType(frame, "ack") && (string?)frame["id"] == id);
        Assert.True((bool)ack["queued"]!, ack.ToJsonString());
    }

    /// <summary>One of `meshes` in 1.x's config.json.</summary>
    public JsonObject Describe() => new()
    {
        ["meshId"] = MeshId,
        ["memberId"] = MemberId,
        ["slug"] = Slug,
        ["name"] = Slug,
        ["pubkey"] = Public,
        ["secretKey"] = Convert.ToHexStringLower(key.Key.ExposeSeed()) + Public,
        ["brokerUrl"] = BrokerUrl,
        ["joinedAt"] = "2026-03-01T10:00:00.000Z",
        ["rootKey"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };

    public void Dispose() => key.Dispose();
}
