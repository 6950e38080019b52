using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.TestKit;

/// <summary>Somebody with a 1.x client: joins by the long link, says the 1.x hello, writes boxes, and has the configuration that 1.x keeps.</summary>
public sealed class LegacyPerson : IDisposable
{
    private readonly Uri sockets;
    private readonly MemberSecretKey key;

    /// <param name="broker">Its HTTP address.</param>
    private LegacyPerson(Uri broker, MemberSecretKey key, string name, string meshId, string slug, string memberId)
    {
        sockets = new UriBuilder(broker) { Scheme = "ws", Path = "/ws" }.Uri;
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

    /// <param name="broker">Its HTTP address.</param>
    /// <param name="link">A long link.</param>
    public static async Task<LegacyPerson> JoinAsync(Uri broker, string link, string name)
    {
        if (!LegacyInviteToken.TryFindInLink(link, out string? token) || !LegacyInviteToken.TryParse(token!, out LegacyInviteToken? invite))
            throw new ArgumentException("A 1.x client joins by a long link.", nameof(link));

        MemberSecretKey fresh = MemberSecretKey.Generate();
        var join = new Join(invite!.Token, TestMesh.Payload(invite), fresh.Public, DisplayName.Parse(name));
        using var content = new StringContent(JsonSerializer.Serialize(join, ProtocolJson.Default.Join), Encoding.UTF8, "application/json");
        using var http = new HttpClient { BaseAddress = broker };
        using HttpResponseMessage answer = await http.PostAsync(new Uri("/join", UriKind.Relative), content);
        string body = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{name} could not join: {body}");

        Joined joined = JsonSerializer.Deserialize(body, ProtocolJson.Default.Joined)!;
        return new LegacyPerson(broker, fresh, name, invite.Invite.MeshId, invite.Invite.MeshSlug, joined.MemberId.Value);
    }

    /// <summary>A member of a workspace that the test kit has made.</summary>
    public static LegacyPerson Of(TestMember member) => new(
        member.Mesh.Broker.Url, MemberSecretKey.FromSeed(member.Key.Key.ExposeSeed()), member.Name, member.Mesh.Id, member.Mesh.Slug, member.Id);

    /// <summary>As its daemon's own connection.</summary>
    public async Task<TestSocket> ConnectAsync()
    {
        TestSocket socket = await TestSocket.ConnectAsync(sockets);
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        string signature = Convert.ToHexStringLower(key.Sign(new LegacyHello(MeshId, MemberId, key.Public, now)));
        await socket.SendAsync(new Hello(MeshId, MemberId, Public, "daemon-1", 1, now, signature, "/home/test", Channel: "claudemesh-daemon"));
        await socket.NextAsync("hello_ack");
        return socket;
    }

    /// <summary>As one of its sessions.</summary>
    public async Task<TestSocket> ConnectSessionAsync(SigningKey session, string sessionId)
    {
        TestSocket socket = await TestSocket.ConnectAsync(sockets);
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
        if (!LegacyDirect.TrySeal(pairs, PublicKey.Parse(to), text, out byte[]? nonce, out byte[]? ciphertext))
            throw new ArgumentException("Nothing can be sealed to this key.", nameof(to));

        string id = Guid.NewGuid().ToString("N");
        await socket.SendAsync(new Send(to, nonce!, ciphertext!, id, ClientMessageId: id));
        JsonObject ack = await socket.NextAsync("the ack", frame => TestSocket.IsType(frame, "ack") && (string?)frame["id"] == id);
        if (!(bool)ack["queued"]!)
            throw new InvalidOperationException($"{Name}'s message was refused: {ack.ToJsonString()}");
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
        ["brokerUrl"] = sockets.ToString(),
        ["joinedAt"] = "2026-03-01T10:00:00.000Z",
        ["rootKey"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };

    public void Dispose() => key.Dispose();
}
