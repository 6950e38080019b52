using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Local;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>A daemon of another version than the program that asks it.</summary>
public sealed class UpgradeTests
{
    private const string Older = "1.9.9";
    private const string Newer = "2.0.1";

    [Fact]
    [Trait("cli", "7 daemon: a daemon of another version")]
    public async Task An_older_daemon_is_replaced_and_sessions_and_the_outbox_are_kept()
    {
        await using Scene scene = await Scene.SetAsync();
        using var old = new Installed(Older);
        await scene.Bob.DoAsync("daemon", "down");
        Dictionary<string, string> asBob = scene.Bob.EnvironmentWith([]);
        Assert.Equal(0, (await old.RunAsync(asBob, "peers")).Code);
        await using McpSession session = await McpSession.OpenAsync(scene.Bob, scene.Bob.Folder);
        string name = await SessionNameAsync(scene.Bob);
        await scene.Broker.KillAsync();
        Assert.Equal(0, (await old.RunAsync(asBob, "send", "alice", "waits in the outbox")).Code);
        JsonElement before = await StatusAsync(old, asBob);
        Assert.Equal((Older, 1), (before.GetProperty("version").GetString(), before.GetProperty("pending").GetInt64()));

        Ended replacing = await scene.Bob.TryAsync("list");
        JsonElement after = await scene.Bob.DoAsync("status");
        Ended quiet = await scene.Bob.TryAsync("list");

        TroubleshootingPage.AssertTold("The daemon is of an older version", replacing);
        Assert.Contains($"was {Older} and is 2.0.0", replacing.Error, StringComparison.Ordinal);
        Assert.Equal("", quiet.Error);
        Assert.Equal(("2.0.0", 1), (after.GetProperty("version").GetString(), after.GetProperty("pending").GetInt64()));
        Assert.NotEqual(before.GetProperty("pid").GetInt32(), after.GetProperty("pid").GetInt32());

        await scene.Broker.StartAgainAsync();
        Assert.Equal("waits in the outbox", (await Eventually.IsAsync("it is sent by the next daemon", async () => await scene.Alice.ReadInboxAsync() is [var only] ? only : null)).Text);
        Assert.Equal(name, await SessionNameAsync(scene.Bob));
        await scene.Alice.DoAsync("send", name, "are you still there?", "--wait", "delivered");
        (string content, JsonObject _) = await session.NextChannelAsync();
        Assert.Contains("are you still there?", content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_daemon_is_used_as_it_is_and_the_doctor_tells_of_the_other_install()
    {
        using var later = new Installed(Newer);
        await using Person alice = new("alice");
        Dictionary<string, string> asAlice = alice.EnvironmentWith([]);
        int pid = (await StatusAsync(later, asAlice)).GetProperty("pid").GetInt32();

        JsonElement status = await alice.DoAsync("status");
        Ended doctor = await alice.TryAsync("doctor");

        Assert.Equal((Newer, pid), (status.GetProperty("version").GetString(), status.GetProperty("pid").GetInt32()));
        Assert.Contains($"The daemon that runs is {Newer}, and this program 2.0.0", doctor.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_verbs_at_once_replace_it_once()
    {
        using var old = new Installed(Older);
        await using Person alice = new("alice");
        await StatusAsync(old, alice.EnvironmentWith([]));

        Ended[] ended = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => alice.TryAsync("daemon", "up", "--json=pid,version")));

        Assert.All(ended, one => Assert.Equal(0, one.Code));
        JsonElement[] found = [.. ended.Select(one => JsonDocument.Parse(one.Output).RootElement)];
        Assert.Single(found.Select(one => one.GetProperty("pid").GetInt32()).Distinct());
        Assert.All(found, one => Assert.Equal("2.0.0", one.GetProperty("version").GetString()));
    }

    private static async Task<JsonElement> StatusAsync(Installed programs, Dictionary<string, string> environment) =>
        JsonDocument.Parse((await programs.RunAsync(environment, "status", "--json")).Output).RootElement;

    private static Task<string> SessionNameAsync(Person person) => Eventually.IsAsync("the session is open", async () =>
        (await person.Client.ListSessionsAsync(CancellationToken.None)).Value is { Sessions: [var only] } ? only.Name : null);
}
