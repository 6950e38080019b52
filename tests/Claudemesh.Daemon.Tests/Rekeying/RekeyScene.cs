using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Rekeying;
using Claudemesh.Daemon.Tests.Brokers;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Rekeying;

/// <summary>Alice's daemon at the broker itself, and bob's behind somebody who can keep frames back: his key is the one that changes.</summary>
internal sealed class RekeyScene : IAsyncDisposable
{
    private RekeyScene(TestBroker broker, LyingBroker between, RunningDaemon alice, RunningDaemon bob)
    {
        Broker = broker;
        Between = between;
        Alice = alice;
        Bob = bob;
    }

    public TestBroker Broker { get; }

    public LyingBroker Between { get; }

    public RunningDaemon Alice { get; }

    public RunningDaemon Bob { get; }

    /// <summary>Bob's workspace; a change closes and opens it.</summary>
    public async Task<LiveWorkspace> WorkspaceAsync()
    {
        LiveWorkspace? there = null;
        await Eventually.TrueAsync("the workspace is open", () => (there = Bob.Part<JoinedWorkspaces>().All.SingleOrDefault()) is not null);
        return there!;
    }

    public static async Task<RekeyScene> StartAsync(bool mixed = false)
    {
        TestBroker broker = await TestBroker.StartAsync();
        LyingBroker between = await LyingBroker.StartAsync(broker.Url);
        RunningDaemon alice = await RunningDaemon.StartAsync();
        RunningDaemon bob = await RunningDaemon.StartAsync();
        var scene = new RekeyScene(broker, between, alice, bob);
        await Ok.Async(alice.Client.CreateWorkspaceAsync(new CreateWorkspace("Acme", broker.Url.ToString(), "alice", mixed), default));
        await Ok.Async(bob.Client.JoinWorkspaceAsync(new JoinWorkspace(await scene.InviteAsync(between.Address), "bob"), default));
        return scene;
    }

    public async Task<string> InviteAsync(string? through = null)
    {
        string url = (await Ok.Async(Alice.Client.CreateInviteAsync(new CreateInvite(), default))).Url;
        return through is null ? url : url.Replace(Broker.Url.ToString().TrimEnd('/'), through, StringComparison.Ordinal);
    }

    /// <summary>What is sent to bob's daemon does not reach it, until <see cref="Deliver"/>; everything else does.</summary>
    public void HoldPushes() => Between.Show = frame => (string?)frame["type"] is "push" ? null : frame;

    public void Deliver() => Between.Show = frame => frame;

    public async Task<LocalReply<LiveWorkspace>> TryRekeyAsync(MemberSecretKey key, bool compromised = false) =>
        await Bob.Part<Rekey>().ChangeAsync(await WorkspaceAsync(), key, compromised, CancellationToken.None);

    public async Task<MemberSecretKey> RekeyAsync(bool compromised = false)
    {
        MemberSecretKey key = MemberSecretKey.Generate();
        LocalReply<LiveWorkspace> changed = await TryRekeyAsync(key, compromised);
        Assert.True(changed.Succeeded, changed.Problem?.Detail);
        Assert.Equal(key.Public, changed.Value.Identity.Public);
        return key;
    }

    public static Task SaysAsync(RunningDaemon who, string to, string text, string wait = "accepted") =>
        Ok.Async(who.Client.SendAsync(new SendMessage(to, text, Wait: wait, Workspace: "acme"), default));

    /// <summary>The message with that text, once; readable.</summary>
    public static async Task<InboxItem> NextAsync(RunningDaemon daemon, string text)
    {
        InboxItem? found = null;
        await Eventually.TrueAsync($"{text} is there", async () =>
        {
            InboxItem[] items = [.. (await Ok.Async(daemon.Client.ReadInboxAsync(new InboxQuery(), default))).Items.Where(item => item.Text == text)];
            found = items.Length == 0 ? null : Assert.Single(items);
            return found is not null;
        });
        return found!;
    }

    public async Task<string> BobsKeyAsync() => (await WorkspaceAsync()).Identity.Public.ToString();

    /// <summary>Waits until the log of a daemon has bob under this key.</summary>
    public static Task SeesAsync(RunningDaemon daemon, string key) => SeesAsync(daemon, "acme", key);

    public static Task SeesAsync(RunningDaemon daemon, string workspace, string key) => Eventually.TrueAsync("the change is heard of", async () =>
        (await Ok.Async(daemon.Client.ListMembersAsync(workspace, default))).Members.Any(member => member.Key == key && !member.Unverified));

    public async ValueTask DisposeAsync()
    {
        await Bob.DisposeAsync();
        await Alice.DisposeAsync();
        await Between.DisposeAsync();
        await Broker.DisposeAsync();
    }

    /// <summary>The answer that a record was appended.</summary>
    public static bool IsAppended(JsonObject frame) => (string?)frame["type"] is "log_appended";
}
