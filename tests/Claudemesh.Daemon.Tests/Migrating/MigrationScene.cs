using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Rekeying;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Daemon.Tests.Migrating;

/// <summary>
/// A workspace with people of both kinds: alice's daemon, carol with a client of ours, mou and bob with 1.x. Bob's new machine has a daemon of ours that knows
/// nothing yet, and his 1.x configuration.
/// </summary>
internal sealed class MigrationScene : IAsyncDisposable
{
    private readonly TempHome files = new();

    private MigrationScene(TestMesh mesh, RunningDaemon alice, RunningDaemon machine, LegacyPerson bob, LegacyPerson mou, TestMember carol)
    {
        Mesh = mesh;
        Alice = alice;
        Machine = machine;
        Bob = bob;
        Mou = mou;
        Carol = carol;
    }

    public TestMesh Mesh { get; }

    public RunningDaemon Alice { get; }

    /// <summary>Bob's.</summary>
    public RunningDaemon Machine { get; }

    public LegacyPerson Bob { get; }

    public LegacyPerson Mou { get; }

    public TestMember Carol { get; }

    /// <summary>The 1.x configuration of bob.</summary>
    public string Config => Path.Combine(files.Folder, "config.json");

    /// <summary>What a login would say; none at first.</summary>
    public FakeLogin Login { get; init; } = new();

    public static async Task<MigrationScene> StartAsync(string? through = null, TestBroker? broker = null)
    {
        TestMesh mesh = await TestMesh.StartAsync(broker: broker, log: LogKind.Mixed);
        var login = new FakeLogin();
        RunningDaemon alice = await RunningDaemon.StartAsync();
        RunningDaemon machine = await RunningDaemon.StartAsync(services => services.AddSingleton<IDerivedSeeds>(login));
        TestInvite invite = await mesh.Log.InviteAsync();
        string link = new InviteLink(mesh.Broker.Url.ToString().TrimEnd('/'), invite.Id, invite.Secret).ToTextWithSecret();
        await Ok.Async(alice.Client.JoinWorkspaceAsync(new JoinWorkspace(link, "alice"), default));
        await mesh.Log.ReadOnAsync();
        TestMember carol = await mesh.AddMemberAsync("carol");
        LegacyPerson bob = LegacyPerson.Of(await mesh.AddMemberAsync("bob", legacy: true));
        LegacyPerson mou = LegacyPerson.Of(await mesh.AddMemberAsync("mou", legacy: true));
        var scene = new MigrationScene(mesh, alice, machine, bob, mou, carol) { Login = login };
        scene.WriteConfig(through is null ? bob.Describe() : Through(bob.Describe(), through));
        await Eventually.TrueAsync("alice knows them", async () => (await Ok.Async(alice.Client.ListMembersAsync(null, default))).Members.Count == 5);
        return scene;
    }

    public static JsonObject Through(JsonObject entry, string address)
    {
        entry["brokerUrl"] = address.Replace("http", "ws", StringComparison.Ordinal) + "/ws";
        return entry;
    }

    /// <summary>As 1.x writes it, for its owner only.</summary>
    public void WriteConfig(params JsonNode[] meshes) => WriteConfig(
        new JsonObject { ["version"] = 1, ["meshes"] = new JsonArray(meshes), ["displayName"] = "bob", ["groups"] = new JsonArray() }.ToJsonString());

    public void WriteConfig(string text)
    {
        File.WriteAllText(Config, text);
        File.SetUnixFileMode(Config, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public async Task<MigrationReport> RunAsync(string action, string? workspace = null) =>
        await Ok.Async(Machine.Client.MigrateIdentityAsync(new MigrateIdentity(action, Config, workspace), default));

    public async Task<MigrationStep> RunForOneAsync(string action) => Assert.Single((await RunAsync(action)).Members);

    public async Task<Workspace> OwnAsync() => Assert.Single((await Ok.Async(Machine.Client.ListWorkspacesAsync(default))).Workspaces);

    /// <summary>Carol seals a message of ours to bob's key, as somebody did before he moved.</summary>
    public async Task WriteSealedAsync(string text)
    {
        await using TestPeer peer = await Carol.ConnectAsync(presence: false);
        using var pairs = new PairKeys(Carol.Key.Key, Mesh.Id);
        string id = Guid.NewGuid().ToString("N");
        var target = new TargetSpec.Direct(Bob.Key.Public);
        var header = new MessageHeader(
            Mesh.Id, target, Carol.Key.Public, null, id, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), null, Priority.Next, "", null);
        Assert.True(MessageSeal.TrySealDirect(Carol.Key, pairs, header, new MessageBody(MessageBody.TypeText, text), out SealedMessage? message));
        await peer.Socket.SendAsync(new Send(
            target.ToString(), message!.Nonce, message.Ciphertext, id, Priority.Next, id, BodyVersion: SealedMessage.BodyVersion, Header: message.Header));
        JsonObject ack = await peer.Socket.NextAsync("the ack", frame => TestSocket.IsType(frame, "ack") && (string?)frame["id"] == id);
        Assert.True((bool)ack["queued"]!, ack.ToJsonString());
    }

    public async Task WriteBoxAsync(string to, string text)
    {
        await using TestSocket socket = await Mou.ConnectAsync();
        await Mou.WriteAsync(socket, to, text);
    }

    public async ValueTask DisposeAsync()
    {
        await Machine.DisposeAsync();
        await Alice.DisposeAsync();
        Bob.Dispose();
        Mou.Dispose();
        await Mesh.DisposeAsync();
        files.Dispose();
    }
}

/// <summary>A login, as far as it concerns member keys: one secret, a key for each workspace.</summary>
internal sealed class FakeLogin : IDerivedSeeds
{
    /// <summary>Null: logged in nowhere.</summary>
    public AccountSecret? Secret { get; set; }

    public bool TryDeriveSeed(string broker, string meshId, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SecretBytes? seed)
    {
        seed = null;
        if (Secret is null)
            return false;

        using MemberSecretKey key = Secret.DeriveMember("user1", meshId);
        seed = new SecretBytes(key.Key.ExposeSeed());
        return true;
    }
}
