using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.TestKit;

/// <summary>A workspace on a real broker, and the means to get members into it as people do: by invite.</summary>
public sealed class TestMesh : IAsyncDisposable
{
    private readonly bool ownsBroker;
    private TestSocket? ownerSocket;

    private TestMesh(TestBroker broker, bool ownsBroker, TimeProvider clock, MemberSecretKey ownerKey, string id)
    {
        OwnerKey = ownerKey;
        Broker = broker;
        this.ownsBroker = ownsBroker;
        Clock = clock;
        Id = id;
    }

    public TestBroker Broker { get; }

    public TimeProvider Clock { get; }

    public string Id { get; }

    public MemberSecretKey OwnerKey { get; }

    public string Slug { get; private set; } = "";

    public static async Task<TestMesh> StartAsync(
        TimeProvider? clock = null, TestBroker? broker = null, Func<Claudemesh.Broker.BrokerSettings, Claudemesh.Broker.BrokerSettings>? change = null,
        MemberSecretKey? ownerKey = null, string? id = null)
    {
        TimeProvider time = clock ?? TimeProvider.System;
        TestMesh mesh = new(broker ?? await TestBroker.StartAsync(time, change), broker is null, time, ownerKey ?? MemberSecretKey.Generate(), id ?? RandomBytes.NextId());
        await mesh.CreateAsync();
        return mesh;
    }

    /// <summary>A new member with a key of its own, not connected yet.</summary>
    public async Task<TestMember> AddMemberAsync(string name, bool legacy = false, MemberSecretKey? key = null, string role = "member")
    {
        key ??= MemberSecretKey.Generate();
        HttpResponseMessage response = await PostJoinAsync(await InviteAsync(role: role), key, name, proves: !legacy);
        string body = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{name} could not join: {body}");

        Joined joined = JsonSerializer.Deserialize(body, ProtocolJson.Default.Joined)!;
        return new TestMember(this, key, name, joined.MemberId.Value);
    }

    /// <summary>A new member, connected with our hello.</summary>
    public async Task<TestPeer> JoinAsync(string name) => await (await AddMemberAsync(name)).ConnectAsync();

    /// <summary>A new member whose client is a 1.x daemon, connected.</summary>
    public async Task<LegacyPeer> JoinLegacyAsync(string name, string channel = "claudemesh-daemon") =>
        await (await AddMemberAsync(name, legacy: true)).ConnectLegacyAsync(channel);

    /// <summary>Makes an invite as the owner does and has the broker keep it.</summary>
    public async Task<LegacyInviteToken> InviteAsync(int uses = 1, TimeSpan? validFor = null, string role = "member")
    {
        ownerSocket ??= (await new TestMember(this, OwnerKey, "owner", "").ConnectAsync(presence: false)).Socket;
        long expiresAt = (Clock.GetUtcNow() + (validFor ?? TimeSpan.FromDays(7))).ToUnixTimeSeconds();
        LegacyInviteToken token = LegacyInviteToken.Issue(OwnerKey.Key, Id, Slug, Broker.SocketUrl.ToString(), expiresAt, role);
        await ownerSocket.SendAsync(new InviteCreate(token.Token, uses), "invite");
        await ownerSocket.NextAsync("invite_created");
        return token;
    }

    public async Task<HttpResponseMessage> PostJoinAsync(LegacyInviteToken token, MemberSecretKey key, string name, bool proves = true)
    {
        long now = Clock.GetUtcNow().ToUnixTimeMilliseconds();
        byte[] possession = key.Sign(new JoinPossessionText(Id, Sha256.Hash(token.Token), key.Public, now));
        Join join = new(
            token.Token,
            Payload(token),
            key.Public,
            DisplayName.Parse(name),
            proves ? now : null,
            proves ? possession : null);
        return await PostAsync("/join", JsonSerializer.Serialize(join, ProtocolJson.Default.Join));
    }

    public async Task<HttpResponseMessage> PostAsync(string path, string json)
    {
        using StringContent content = new(json, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        return await Broker.Http.PostAsync(new Uri(path, UriKind.Relative), content);
    }

    public async ValueTask DisposeAsync()
    {
        if (ownerSocket is not null)
            await ownerSocket.DisposeAsync();

        if (ownsBroker)
            await Broker.DisposeAsync();
    }

    public static InvitePayload Payload(LegacyInviteToken token) => new(
        1,
        token.Invite.MeshId,
        token.Invite.MeshSlug,
        token.Invite.BrokerUrl,
        token.Invite.ExpiresAt,
        token.Invite.RootKey,
        token.Invite.Role,
        token.Invite.Owner.ToString(),
        new string('0', 128));

    private async Task CreateAsync()
    {
        long now = Clock.GetUtcNow().ToUnixTimeMilliseconds();
        string slug = "mesh-" + Id[..8].ToLowerInvariant();
        byte[] proof = OwnerKey.Sign(new WorkspaceCreateText(Id, slug, "Test", OwnerKey.Public, now));
        CreateWorkspace request = new(
            MeshId.Parse(Id), Protocol.Slug.Parse(slug), DisplayName.Parse("Test"), OwnerKey.Public, DisplayName.Parse("owner"), now, proof);
        HttpResponseMessage response = await PostAsync("/api/v1/workspaces", JsonSerializer.Serialize(request, ProtocolJson.Default.CreateWorkspace));
        string body = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"The workspace could not be made: {body}");

        Slug = JsonSerializer.Deserialize(body, ProtocolJson.Default.WorkspaceCreated)!.Slug.Value;
    }
}
