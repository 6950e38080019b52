using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.TestKit;

/// <summary>A workspace on a real broker, and the means to get members into it as people do: by invite.</summary>
public sealed class TestMesh : IAsyncDisposable
{
    private readonly bool ownsBroker;
    private TestPeer? owner;

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

    public string OwnerId { get; private set; } = "";

    /// <summary>Null in a workspace that was made without one.</summary>
    public TestLog? FindLog { get; private set; }

    /// <summary>The workspace's signed log; it was started with one.</summary>
    public TestLog Log => FindLog ?? throw new InvalidOperationException("This workspace has no log: start it with log: LogKind.Required or Mixed.");

    /// <param name="log">Whether the workspace is born with a signed log. Then members are admitted in it, with a copy of the root.</param>
    public static async Task<TestMesh> StartAsync(
        TimeProvider? clock = null, TestBroker? broker = null, Func<Claudemesh.Broker.BrokerSettings, Claudemesh.Broker.BrokerSettings>? change = null,
        MemberSecretKey? ownerKey = null, string? id = null, LogKind log = LogKind.None)
    {
        TimeProvider time = clock ?? TimeProvider.System;
        TestMesh mesh = new(broker ?? await TestBroker.StartAsync(time, change), broker is null, time, ownerKey ?? MemberSecretKey.Generate(), id ?? RandomBytes.NextId());
        await mesh.CreateAsync(log);
        return mesh;
    }

    /// <summary>The log that an older workspace has not had so far, by its owner; its other members are not in it.</summary>
    public async Task<TestLog> BeginLogAsync(bool encryptionRequired = false)
    {
        FindLog = new TestLog(this);
        await FindLog.AppendAsync(new LogBody.Genesis(new Digest(RandomBytes.Next(Digest.Size)), encryptionRequired, OwnerId));
        await FindLog.RotateAsync();
        return FindLog;
    }

    /// <summary>The owner's own connection, in no list of peers.</summary>
    public async Task<TestSocket> OwnerSocketAsync() => (owner ??= await OwnerMember().ConnectAsync(presence: false)).Socket;

    public TestMember OwnerMember() => new(this, OwnerKey, "owner", OwnerId);

    /// <summary>An API key of the owner.</summary>
    /// <inheritdoc cref="TestMember.MakeKeyAsync"/>
    public Task<TestKey> MakeKeyAsync(
        KeyCapability[]? capabilities = null, string[]? topics = null, DateTimeOffset? expiresAt = null, string label = "a script") =>
        OwnerMember().MakeKeyAsync(capabilities, topics, expiresAt, label);

    /// <summary>Lets go of the owner's connection, such as before the broker is restarted.</summary>
    public async Task CloseOwnerAsync()
    {
        if (owner is not null)
            await owner.DisposeAsync();
        owner = null;
    }

    /// <summary>A new member with a key of its own, not connected yet.</summary>
    public async Task<TestMember> AddMemberAsync(string name, bool legacy = false, MemberSecretKey? key = null, string role = "member")
    {
        key ??= MemberSecretKey.Generate();
        if (FindLog is not null && !legacy)
        {
            string id = RandomBytes.NextId();
            await FindLog.AdmitAsync(id, key.Public, Role(role));
            return new TestMember(this, key, name, id);
        }

        HttpResponseMessage response = await PostJoinAsync(await InviteAsync(role: role), key, name, proves: !legacy);
        string body = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{name} could not join: {body}");

        Joined joined = JsonSerializer.Deserialize(body, ProtocolJson.Default.Joined)!;
        if (FindLog is not null)
            await FindLog.AdmitAsync(joined.MemberId.Value, key.Public, Role(role), MemberKind.Legacy);
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
        TestSocket ownerSocket = await OwnerSocketAsync();
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
        await CloseOwnerAsync();
        FindLog?.Dispose();
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

    private static LogRole Role(string role) => role is "admin" ? LogRole.Admin : LogRole.Member;

    private async Task CreateAsync(LogKind kind)
    {
        long now = Clock.GetUtcNow().ToUnixTimeMilliseconds();
        string slug = "mesh-" + Id[..8].ToLowerInvariant();
        byte[] proof = OwnerKey.Sign(new WorkspaceCreateText(Id, slug, "Test", OwnerKey.Public, now));
        CreateWorkspace request = new(
            MeshId.Parse(Id), Protocol.Slug.Parse(slug), DisplayName.Parse("Test"), OwnerKey.Public, DisplayName.Parse("owner"), now, proof);
        if (kind is not LogKind.None)
        {
            FindLog = new TestLog(this);
            (SignedRecord[] records, EpochCopy[] copies) = FindLog.Begin(RandomBytes.NextId(), kind is LogKind.Required);
            request = request with { Records = records, Copies = copies };
        }

        HttpResponseMessage response = await PostAsync("/api/v1/workspaces", JsonSerializer.Serialize(request, ProtocolJson.Default.CreateWorkspace));
        string body = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"The workspace could not be made: {body}");

        WorkspaceCreated created = JsonSerializer.Deserialize(body, ProtocolJson.Default.WorkspaceCreated)!;
        Slug = created.Slug.Value;
        OwnerId = created.MemberId.Value;
    }
}

/// <summary>Whether a test workspace has a signed log from the start, and what it says of bodies that the broker can read.</summary>
public enum LogKind
{
    None,
    Required,
    Mixed,
}
