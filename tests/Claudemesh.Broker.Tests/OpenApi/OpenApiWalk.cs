using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Tests.Objects;
using Claudemesh.Broker.Tests.Rest;
using Claudemesh.Broker.Tests.Topics;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <param name="Path">As in the document; below <c>/api/v1</c> unless it begins with another root.</param>
/// <param name="At">The path with what is asked for; words in angle brackets are filled in from what was kept.</param>
/// <param name="Keep">What later steps need of the answer.</param>
internal sealed record WalkStep(string Method, string Path, string At, Func<string>? Body = null, Action<OpenApiWalk, JsonNode>? Keep = null, bool HasKey = true)
{
    /// <summary>Who asks, where it is not who asks everything of its kind.</summary>
    public Func<OpenApiWalk, HttpClient>? By { get; init; }

    public string FullPath => Rooted(Path);

    public string FullAt => Rooted(At);

    /// <summary>Whether it is about an account: it is asked with the session of one.</summary>
    public bool IsOfAccount => !FullPath.StartsWith(RestRoutes.Base, StringComparison.Ordinal);

    private static string Rooted(string path) =>
        new[] { RestRoutes.Auth, RestRoutes.My, RestRoutes.OAuth, RestRoutes.WellKnown }.Any(root => path.StartsWith(root + "/", StringComparison.Ordinal))
            ? path : RestRoutes.Base + path;
}

/// <summary>A workspace that takes what 1.x writes, and a good request for each route, in an order in which they can be asked.</summary>
internal sealed partial class OpenApiWalk : IAsyncDisposable
{
    private static readonly string Copy = Convert.ToBase64String(new byte[80]);
    private static readonly string Nonce = Convert.ToBase64String(new byte[24]);

    private readonly Dictionary<string, string> kept = new(StringComparer.Ordinal);
    private readonly MemberSecretKey joiner = MemberSecretKey.Generate();
    private readonly MemberSecretKey creator = MemberSecretKey.Generate();

    private readonly DeviceWalk devices;

    private OpenApiWalk(TestMesh mesh, TestKey key, TestAccount account, TestPeer bob, TestInvite invite)
    {
        (Mesh, Key, Account, Bob, Invite) = (mesh, key, account, bob, invite);
        devices = new DeviceWalk(mesh.Broker, account);
        kept["bob"] = bob.Member.Id;
        kept["invite"] = invite.Id;
    }

    public TestMesh Mesh { get; }

    public TestKey Key { get; }

    public TestAccount Account { get; }

    private TestPeer Bob { get; }

    private TestInvite Invite { get; }

    public static async Task<OpenApiWalk> StartAsync()
    {
        TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Mixed, change: TakeSignUps);
        TestPeer bob = await mesh.JoinAsync("bob");
        await bob.Socket.PostAsync(await bob.Socket.GeneralAsync(), "hello @owner", mentions: ["owner"]);
        TestKey key = await mesh.OwnerKeyAsync();
        OpenApiWalk walk = new(mesh, key, await TestAccount.CreateAsync(mesh.Broker, "ann"), bob, await mesh.Log.InviteAsync(uses: 5));
        await walk.SignInElsewhereAsync();
        await walk.MakeAnotherAsync();
        return walk;
    }

    public IEnumerable<WalkStep> Steps => [.. Topics, .. Posts, .. Mine, .. TopicKeys, .. People, .. State, .. Logs, .. Keys, .. Invites, .. Workspaces, .. Tokens, .. devices.Steps, .. SignIns, .. AccountEnd];

    private static IEnumerable<WalkStep> Topics =>
    [
        new("POST", "/topics", "/topics", () => """{"name":"ops","description":"what runs"}"""),
        new("GET", "/topics", "/topics?archived=1"),
        new("GET", "/topics/{topic}", "/topics/ops"),
        new("PATCH", "/topics/{topic}", "/topics/ops", () => """{"retentionDays":30}"""),
        new("POST", "/topics/{topic}/leave", "/topics/ops/leave"),
        new("POST", "/topics/{topic}/join", "/topics/ops/join?role=member"),
        new("GET", "/topics/{topic}/members", "/topics/ops/members"),
    ];

    private static IEnumerable<WalkStep> Posts =>
    [
        new("POST", "/messages", "/messages", () => """{"topic":"ops","text":"hello @bob","mentions":["bob"]}""", (walk, answer) => walk.kept["message"] = (string)answer["messageId"]!),
        new("GET", "/messages/{id}", "/messages/<message>"),
        new("GET", "/topics/{topic}/messages", "/topics/ops/messages?limit=10"),
        new("PATCH", "/topics/{topic}/read", "/topics/ops/read?through=<message>"),
        new("GET", "/topics/{topic}/stream", "/topics/ops/stream?after=<message>"),
        new("GET", "/stream", "/stream"),
    ];

    private static IEnumerable<WalkStep> Mine =>
    [
        new("GET", "/notifications", "/notifications?unread=1&limit=10"),
        new("GET", "/me/workspace", "/me/workspace"),
        new("GET", "/me/topics", "/me/topics"),
        new("GET", "/me/notifications", "/me/notifications?include=all"),
        new("GET", "/me/activity", "/me/activity?limit=10"),
        new("GET", "/me/search", "/me/search?q=hello"),
        new("GET", "/me/state", "/me/state"),
        new("GET", "/me/memory", "/me/memory"),
        new("POST", "/notifications/read", "/notifications/read", () => """{"all":true}"""),
    ];

    private IEnumerable<WalkStep> TopicKeys =>
    [
        new("POST", "/topics/{topic}/claim-key", "/topics/general/claim-key", () => $$"""{"encryptedKeyPubkey":"{{Mesh.OwnerKey.Public}}","encryptedKey":"{{Copy}}","nonce":"{{Nonce}}"}"""),
        new("GET", "/topics/{topic}/pending-seals", "/topics/general/pending-seals"),
        new("POST", "/topics/{topic}/seal", "/topics/general/seal", () => $$"""{"memberId":"<bob>","encryptedKey":"{{Copy}}","nonce":"{{Nonce}}"}"""),
        new("GET", "/topics/{topic}/key", "/topics/general/key"),
        new("DELETE", "/topics/{topic}/key", "/topics/general/key"),
    ];

    private static IEnumerable<WalkStep> People =>
    [
        new("GET", "/peers", "/peers"),
        new("GET", "/members", "/members"),
        new("GET", "/members/{member}", "/members/<bob>"),
        new("GET", "/workspace", "/workspace"),
    ];

    private IEnumerable<WalkStep> State =>
    [
        new("PUT", "/state/{key}", "/state/build", () => """{"value":{"ok":true}}"""),
        new("GET", "/state/{key}", "/state/build"),
        new("GET", "/state", "/state"),
        new("PUT", "/objects", "/objects", () => JsonSerializer.Serialize(SealedState(), ProtocolJson.Default.ObjectPut)),
        new("GET", "/objects", "/objects?kind=state&after=0&limit=10"),
    ];

    private IEnumerable<WalkStep> Logs =>
    [
        new("GET", "/log", "/log?scope=mesh&after=0"),
        new("GET", "/copies", "/copies"),
        new("POST", "/copies", "/copies", () => JsonSerializer.Serialize(new CopiesPut("mesh", [Mesh.Log.CopyFor(Bob.Member.Key.Public)]), ProtocolJson.Default.CopiesPut)),
        new("GET", "/invites/{id}", "/invites/<invite>", HasKey: false),
        new("GET", "/invites/{id}/log", "/invites/<invite>/log?after=1", HasKey: false),
        new("POST", "/join", "/join", () => JsonSerializer.Serialize(Join(), ProtocolJson.Default.JoinByLog), HasKey: false),
        new("POST", "/log", "/log", () => JsonSerializer.Serialize(Admission(), ProtocolJson.Default.LogAppend)),
        new("POST", "/workspaces", "/workspaces", () => JsonSerializer.Serialize(Workspace(), ProtocolJson.Default.CreateWorkspace), HasKey: false),
    ];

    private static IEnumerable<WalkStep> Keys =>
    [
        new("POST", "/api-keys", "/api-keys", () => """{"label":"ci","capabilities":["send"],"topicScopes":["ops"]}""", (walk, answer) => walk.kept["apikey"] = (string)answer["id"]!),
        new("GET", "/api-keys", "/api-keys"),
        new("POST", "/api-keys/{id}/rotate", "/api-keys/<apikey>/rotate"),
        new("DELETE", "/api-keys/{id}", "/api-keys/<apikey>"),
    ];

    private IEnumerable<WalkStep> Invites =>
    [
        new("POST", "/invites", "/invites", () => JsonSerializer.Serialize(new InviteCreate(LegacyToken(), 1), ProtocolJson.Default.InviteCreate), (walk, answer) => walk.kept["legacy"] = (string)answer["inviteId"]!),
        new("GET", "/invites", "/invites"),
        new("DELETE", "/invites/{id}", "/invites/<legacy>"),
    ];

    /// <summary>What the examples of docs/rest.md have for a <c>$</c> word.</summary>
    public IReadOnlyDictionary<string, string> Variables => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["BROKER"] = Mesh.Broker.Url.ToString().TrimEnd('/'),
        ["KEY"] = Key.Secret,
        ["LINK"] = Invite.Id,
        ["MEMBER"] = kept["bob"],
        ["MESSAGE"] = kept.GetValueOrDefault("message", ""),
        ["API_KEY"] = kept.GetValueOrDefault("apikey", ""),
        ["INVITE"] = kept.GetValueOrDefault("legacy", ""),
        ["OWNER"] = owner!.Token,
        ["LEAVER"] = leaver!.Token,
        ["SLUG"] = another!.Slug,
    };

    /// <summary>The bodies that a client with keys makes, as files of the names that docs/rest.md has for them.</summary>
    public async Task SaveBodiesAsync(string folder)
    {
        (string File, string Method, string Path)[] bodies =
        [
            ("records", "POST", "/log"), ("copies", "POST", "/copies"), ("object", "PUT", "/objects"), ("invite", "POST", "/invites"), ("join", "POST", "/join"),
            ("workspace", "POST", "/workspaces"), ("claim", "POST", "/topics/{topic}/claim-key"), ("seal", "POST", "/topics/{topic}/seal"),
        ];
        foreach ((string file, string method, string path) in bodies)
        {
            string body = Steps.Single(step => step.Method == method && step.Path == path).Body!();
            await File.WriteAllTextAsync(Path.Combine(folder, file + ".json"), Fill(body));
        }
    }

    /// <summary>What later examples need of the answer to this one, by its method and path.</summary>
    public void Keep(string asked, JsonNode? answer) => Steps.FirstOrDefault(step => $"{step.Method} {step.Path}" == asked)?.Keep?.Invoke(this, answer!);

    /// <summary>For a word in angle brackets.</summary>
    public void Note(string word, string value) => kept[word] = value;

    public HttpClient HttpOf(WalkStep step) => step.By?.Invoke(this) is { } own ? own : step.Path is Refresh ? browser! : !step.HasKey ? Mesh.Broker.Http : step.IsOfAccount ? Account.Http : Key.Http;

    public string Fill(string text) => kept.Aggregate(text, (filled, word) => filled.Replace($"<{word.Key}>", word.Value, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        joiner.Dispose();
        owner?.Dispose();
        leaver?.Dispose();
        if (another is not null)
            await another.DisposeAsync();
        creator.Dispose();
        devices.Dispose();
        Key.Dispose();
        Account.Dispose();
        passkey.Dispose();
        newPasskey.Dispose();
        signedIn.ForEach(one => one.Dispose());
        await Bob.DisposeAsync();
        await Mesh.DisposeAsync();
    }

    /// <summary>As the owner seals it: under the log's present root, signed by nobody that the broker would ask.</summary>
    private ObjectPut SealedState()
    {
        RootReference root = Mesh.Log.State.FindRoot(Mesh.Log.State.Epoch)!;
        ObjectHeader header = new(ObjectKind.State, Mesh.Id, "plan", 1, Mesh.OwnerKey.Public, Mesh.Log.Now, root.Epoch, root.RootId);
        return new ObjectPut(ObjectKind.State, "plan", 1, SignedBytes.Of(header), new byte[24], [1, 2, 3]);
    }

    /// <summary>By code alone: an admin is to let him in.</summary>
    private JoinByLog Join()
    {
        long now = Mesh.Log.Now;
        byte[] possession = joiner.Sign(new JoinPossessionText(Mesh.Id, Sha256.Hash(Invite.Id), joiner.Public, now));
        return new JoinByLog(InviteId.Parse(Invite.Id), joiner.Public, DisplayName.Parse("dora"), now, possession);
    }

    private LogAppend Admission() => new(
        "mesh", [Mesh.Log.Draft(new LogBody.Admit(RandomBytes.NextId(), creator.Public, LogRole.Member, MemberKind.Bot)).Records[0].Signed], [Mesh.Log.CopyFor(creator.Public)]);

    private CreateWorkspace Workspace()
    {
        string id = RandomBytes.NextId();
        long now = Mesh.Log.Now;
        byte[] proof = creator.Sign(new WorkspaceCreateText(id, "another", "Another", creator.Public, now));
        return new CreateWorkspace(MeshId.Parse(id), Slug.Parse("another"), DisplayName.Parse("Another"), creator.Public, DisplayName.Parse("eve"), now, proof);
    }

    private string LegacyToken() => LegacyInviteToken.Issue(
        Mesh.OwnerKey.Key, Mesh.Id, Mesh.Slug, Mesh.Broker.SocketUrl.ToString(), (Mesh.Clock.GetUtcNow() + TimeSpan.FromDays(1)).ToUnixTimeSeconds(), "member").Token;
}
