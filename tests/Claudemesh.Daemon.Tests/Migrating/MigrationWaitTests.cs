using Claudemesh.Crypto;
using Claudemesh.Daemon.Tests.Brokers;
using Claudemesh.Local;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Migrating;

/// <summary>Members that are not in the log yet, and migrations that are broken off.</summary>
public sealed class MigrationWaitTests
{
    [Fact]
    public async Task The_owner_of_a_workspace_without_a_log_begins_it_and_the_others_go_on_after_that()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using LegacyPerson bob = LegacyPerson.Of(await mesh.AddMemberAsync("bob", legacy: true));
        using LegacyPerson owner = LegacyPerson.Of(mesh.OwnerMember());
        await mesh.CloseOwnerAsync();
        await using Home bobs = await Home.StartAsync(bob);
        await using Home owners = await Home.StartAsync(owner);

        MigrationStep foreseen = await bobs.RunAsync(MigrationActions.Plan);
        Assert.Contains("until its owner's daemon has begun", foreseen.Says, StringComparison.Ordinal);
        Assert.Equal(MigrationStates.Waiting, (await bobs.RunAsync(MigrationActions.Apply)).State);
        MigrationStep first = await owners.RunAsync(MigrationActions.Apply);
        Assert.Equal(MigrationStates.Moved, first.State);
        Assert.Equal("owner", (await Ok.Async(owners.Daemon.Client.ListWorkspacesAsync(default))).Workspaces[0].Role);
        MigrationStep second = await bobs.RunAsync(MigrationActions.Apply);
        Assert.Equal(MigrationStates.Moved, second.State);

        Assert.Equal("delivered", (await Ok.Async(bobs.Daemon.Client.SendAsync(new SendMessage(first.Key!, "hello", Wait: "delivered"), default))).State);
        Assert.True((await Rekeying.RekeyScene.NextAsync(owners.Daemon, "hello")).Verified);
    }

    [Fact]
    public async Task Whom_the_log_does_not_have_waits_for_an_admin_and_is_moved_with_the_next_call()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        using LegacyPerson bob = LegacyPerson.Of(await mesh.AddMemberAsync("bob", legacy: true));
        TestLog log = await mesh.BeginLogAsync();
        await using Home bobs = await Home.StartAsync(bob);

        Assert.Contains("member admit bob", (await bobs.RunAsync(MigrationActions.Plan)).Says, StringComparison.Ordinal);
        MigrationStep waits = await bobs.RunAsync(MigrationActions.Apply);
        Assert.Equal((MigrationStates.Waiting, bob.Public), (waits.State, waits.Key));
        await log.AdmitAsync(bob.MemberId, bob.Key.Public, kind: MemberKind.Legacy);
        Assert.Equal(MigrationStates.Moved, (await bobs.RunAsync(MigrationActions.Apply)).State);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(11)]
    [InlineData(15)]
    [InlineData(21)]
    [InlineData(30)]
    public async Task It_may_be_killed_at_any_frame_and_done_again(int frames)
    {
        await using TestMesh mesh = await TestMesh.StartAsync(log: LogKind.Mixed);
        await using LyingBroker between = await LyingBroker.StartAsync(mesh.Broker.Url);
        using LegacyPerson bob = LegacyPerson.Of(await mesh.AddMemberAsync("bob", legacy: true));
        using LegacyPerson mou = LegacyPerson.Of(await mesh.AddMemberAsync("mou", legacy: true));
        await using (TestSocket socket = await mou.ConnectAsync())
            await mou.WriteAsync(socket, bob.Public, "waits");
        await using Home bobs = await Home.StartAsync(bob, between.Address);
        var died = new TaskCompletionSource();
        int left = frames;
        between.Show = between.Pass = frame =>
        {
            if (Interlocked.Decrement(ref left) != 0)
                return left < 0 ? null : frame;
            died.TrySetResult();
            return null;
        };

        Task<LocalReply<MigrationReport>> broken = bobs.Daemon.Client.MigrateIdentityAsync(new MigrateIdentity(MigrationActions.Apply, bobs.Config), default);
        await Task.WhenAny(died.Task, broken);
        between.LoseConnections();
        await bobs.Daemon.StopAsync();
        await Task.WhenAny(broken);
        between.Show = between.Pass = frame => frame;
        await bobs.Daemon.RestartAsync();

        MigrationStep done = await bobs.RunAsync(MigrationActions.Apply);
        Assert.Equal((MigrationStates.Moved, null), (done.State, done.Problem));
        await Rekeying.RekeyScene.NextAsync(bobs.Daemon, "waits");
        await mesh.Log.ReadOnAsync();
        Assert.Equal(PublicKey.Parse(done.Key!), mesh.Log.State.Follow(bob.Key.Public));
        Assert.Single(mesh.Log.Held.Records, record => record.Body is Protocol.Log.LogBody.KeyChange);
    }

    /// <summary>A machine with a daemon of ours and a 1.x configuration.</summary>
    private sealed class Home(RunningDaemon daemon, TempHome files) : IAsyncDisposable
    {
        public RunningDaemon Daemon => daemon;

        public string Config => Path.Combine(files.Folder, "config.json");

        public static async Task<Home> StartAsync(LegacyPerson person, string? through = null)
        {
            var home = new Home(await RunningDaemon.StartAsync(), new TempHome());
            System.Text.Json.Nodes.JsonObject entry = through is null ? person.Describe() : MigrationScene.Through(person.Describe(), through);
            await File.WriteAllTextAsync(home.Config, new System.Text.Json.Nodes.JsonObject { ["version"] = 1, ["meshes"] = new System.Text.Json.Nodes.JsonArray(entry) }.ToJsonString());
            File.SetUnixFileMode(home.Config, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return home;
        }

        public async Task<MigrationStep> RunAsync(string action) =>
            Assert.Single((await Ok.Async(daemon.Client.MigrateIdentityAsync(new MigrateIdentity(action, Config), default))).Members);

        public async ValueTask DisposeAsync()
        {
            await daemon.DisposeAsync();
            files.Dispose();
        }
    }
}
