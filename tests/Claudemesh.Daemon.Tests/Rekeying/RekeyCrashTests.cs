using System.Text.Json.Nodes;
using Claudemesh.Crypto;
using Claudemesh.Daemon.Rekeying;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Tests.Rekeying;

/// <summary>A change of the key that is broken off somewhere: a restart finds out from the log how far it came, and ends it.</summary>
public sealed class RekeyCrashTests : IAsyncLifetime
{
    private RekeyScene scene = null!;

    public async ValueTask InitializeAsync() => scene = await RekeyScene.StartAsync();

    public ValueTask DisposeAsync() => scene.DisposeAsync();

    [Fact]
    public async Task A_change_whose_record_was_never_sent_is_made_after_the_restart()
    {
        using MemberSecretKey key = MemberSecretKey.Generate();
        await BreakOffAsync(key, pass: frame => IsAppend(frame) ? null : frame);

        await scene.Bob.RestartAsync();
        await SettledAsync(key);
    }

    [Fact]
    public async Task A_change_whose_answer_never_came_is_found_in_the_log_after_the_restart()
    {
        using MemberSecretKey key = MemberSecretKey.Generate();
        await BreakOffAsync(key, show: frame => (string?)frame["type"] is "log_appended" or "error" ? null : frame);
        await RekeyScene.SeesAsync(scene.Alice, key.Public.ToString());

        await scene.Bob.RestartAsync();
        await SettledAsync(key);
    }

    [Fact]
    public async Task A_broker_that_is_lost_while_it_is_asked_which_key_is_current_is_asked_again()
    {
        using MemberSecretKey key = MemberSecretKey.Generate();
        await BreakOffAsync(key, show: frame => (string?)frame["type"] is "log_appended" or "error" ? null : frame);
        await RekeyScene.SeesAsync(scene.Alice, key.Public.ToString());
        int asked = 0;
        scene.Between.Pass = frame =>
        {
            if ((string?)frame["type"] is not "member_hello" || (string?)frame["pubkey"] != key.Public.ToString() || Interlocked.Increment(ref asked) > 2)
                return frame;
            scene.Between.LoseConnections();
            return null;
        };

        await scene.Bob.RestartAsync();
        await SettledAsync(key);
        Assert.True(asked > 2);
    }

    [Fact]
    public async Task A_change_that_a_topic_has_not_heard_of_is_said_there_after_the_restart()
    {
        await Ok.Async(scene.Alice.Client.CreateTopicAsync(new CreateTopic("secret", Visibility: "private", With: ["bob"]), default));
        await Eventually.TrueAsync("he is in it", async () =>
            (await Ok.Async(scene.Bob.Client.ListTopicsAsync(null, false, default))).Topics.Any(topic => topic is { Name: "secret", Role: not null }));
        await RekeyScene.SaysAsync(scene.Alice, "#secret", "before", wait: "delivered");
        scene.Between.Pass = frame => IsAppend(frame) && (string?)frame["scope"] is not "mesh" ? null : frame;

        using MemberSecretKey second = await scene.RekeyAsync();
        using MemberSecretKey third = await scene.RekeyAsync();
        await scene.Bob.StopAsync();
        scene.Between.Pass = frame => frame;
        await scene.Bob.RestartAsync();

        await SettledAsync(third);
        await Eventually.TrueAsync("he can post there", async () =>
            (await scene.Bob.Client.SendAsync(new SendMessage("#secret", "after", ClientMessageId: "p1", Wait: "delivered"), default)).Value?.State is "delivered");
    }

    [Fact]
    public async Task A_change_to_a_key_that_the_log_does_not_take_leaves_everything_as_it_was()
    {
        using MemberSecretKey alices = MemberSecretKey.FromSeed(
            Assert.Single(scene.Alice.Part<Workspaces.JoinedWorkspaces>().All).Identity.Key.Key.ExposeSeed());
        string before = await scene.BobsKeyAsync();
        Assert.False((await scene.TryRekeyAsync(alices)).Succeeded);

        await scene.Bob.RestartAsync();
        Assert.Equal(before, await scene.BobsKeyAsync());
        await RekeyScene.SaysAsync(scene.Bob, "alice", "still here", wait: "delivered");
        Assert.Null(scene.Bob.Part<OldKeyStore>().FindBegun((await scene.WorkspaceAsync()).Row.MeshId));
    }

    [Fact]
    public async Task A_broker_that_says_the_key_is_unknown_gets_no_other_one_believed()
    {
        using MemberSecretKey key = MemberSecretKey.Generate();
        string before = await scene.BobsKeyAsync();
        await BreakOffAsync(key, pass: frame => IsAppend(frame) ? null : frame);
        scene.Between.Show = frame => (string?)frame["type"] is "member_welcome" ? Unauthorized() : frame;
        await scene.Bob.RestartAsync();
        await Eventually.TrueAsync("he is refused", async () =>
            Assert.Single((await Ok.Async(scene.Bob.Client.ListWorkspacesAsync(default))).Workspaces).State is ConnectionStates.Refused);

        Assert.Equal(before, await scene.BobsKeyAsync());
        scene.Between.Show = frame => frame;
        await Ok.Async(scene.Bob.Client.ReconnectAsync(new Reconnect(), default));
        await SettledAsync(key);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_breaks_off_and_whenever_nothing_is_lost_and_nothing_comes_twice(int seed)
    {
        var play = new RekeyPlay(scene, seed);
        await play.RunAsync(steps: 24);
        await play.AssertAllArrivedAsync();
    }

    private static bool IsAppend(JsonObject frame) => (string?)frame["type"] is "log_append";

    private static JsonObject Unauthorized() => new() { ["type"] = "error", ["code"] = "unauthorized", ["message"] = "Nobody is known by this key." };

    /// <summary>Begins the change, waits until its record was sent once, and ends the daemon.</summary>
    private async Task BreakOffAsync(MemberSecretKey key, Func<JsonObject, JsonObject?>? pass = null, Func<JsonObject, JsonObject?>? show = null)
    {
        using var crash = new CancellationTokenSource();
        scene.Between.Pass = pass ?? (frame => frame);
        scene.Between.Show = show ?? (frame => frame);
        Task changing = scene.Bob.Part<Rekey>().ChangeAsync(await scene.WorkspaceAsync(), key, compromised: false, crash.Token);
        await Eventually.TrueAsync("the record was sent", () => scene.Between.Said.Any(IsAppend));
        await crash.CancelAsync();
        await changing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await scene.Bob.StopAsync();
        scene.Between.Pass = frame => frame;
        scene.Between.Show = frame => frame;
    }

    private async Task SettledAsync(MemberSecretKey key)
    {
        await Eventually.TrueAsync("he has the new key", async () => await scene.BobsKeyAsync() == key.Public.ToString());
        await RekeyScene.SeesAsync(scene.Alice, key.Public.ToString());
        await RekeyScene.SaysAsync(scene.Alice, "bob", "to the new key", wait: "delivered");
        Assert.True((await RekeyScene.NextAsync(scene.Bob, "to the new key")).Verified);
        Assert.Null(scene.Bob.Part<OldKeyStore>().FindBegun((await scene.WorkspaceAsync()).Row.MeshId));
    }
}
