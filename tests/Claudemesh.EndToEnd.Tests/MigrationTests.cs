using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>A person with a 1.x client moves to the published programs; his daemon is killed on the way.</summary>
public sealed class MigrationTests
{
    private const int Kills = 4;

    [Fact]
    public async Task A_member_of_1x_moves_with_what_waits_for_him_whatever_is_killed_and_may_go_back()
    {
        await using Scene scene = await Scene.SetAsync();
        using LegacyPerson mou = await JoinAsync(scene, "mou");
        using LegacyPerson kim = await JoinAsync(scene, "kim");
        await scene.Alice.DoAsync("send", "mou", "from alice", "--wait", "accepted");
        await using (TestSocket socket = await kim.ConnectAsync())
            await kim.WriteAsync(socket, mou.Public, "from kim");
        await using var machine = new Person("mou");
        string config = Path.Combine(machine.Folder, "old-config.json");
        await WriteConfigAsync(config, mou);

        JsonElement planned = (await machine.DoAsync("migrate-identity", "--from", config)).GetProperty("members")[0];
        Assert.Equal(("planned", mou.Public, 2), (planned.GetProperty("state").GetString(), planned.GetProperty("key").GetString(), planned.GetProperty("waiting").GetInt32()));
        JsonElement moved = await ApplyAsync(machine, config);
        string key = moved.GetProperty("key").GetString()!;

        await Eventually.IsAsync("both have arrived", async () =>
            (await machine.ReadInboxAsync()).Select(item => item.Text).Order(StringComparer.Ordinal).SequenceEqual(["from alice", "from kim"]) ? "so" : null);
        Assert.Equal(key, (await ApplyAsync(machine, config)).GetProperty("key").GetString());
        await Eventually.IsAsync("alice is told", async () =>
            (await scene.Alice.DoAsync("verify", "mou")).GetProperty("members")[0].GetProperty("key_changed_at").GetString());
        JsonElement safety = (await scene.Alice.DoAsync("verify", "mou")).GetProperty("members")[0];
        Assert.Equal(key, safety.GetProperty("key").GetString());

        JsonElement undone = (await machine.DoAsync("migrate-identity", "--undo")).GetProperty("members")[0];
        Assert.Equal(("undone", mou.Public), (undone.GetProperty("state").GetString(), undone.GetProperty("key").GetString()));
        await using (TestSocket again = await mou.ConnectAsync())
            await scene.Alice.DoAsync("send", mou.Public, "after the way back", "--wait", "delivered");
        await ApplyAsync(machine, config);
        Assert.Equal("confirmed", (await machine.DoAsync("migrate-identity", "--confirm")).GetProperty("members")[0].GetProperty("state").GetString());
        Assert.Equal("confirmed", (await machine.DoAsync("migrate-identity", "--undo")).GetProperty("members")[0].GetProperty("state").GetString());
    }

    /// <summary>Again and again, with the daemon killed in the middle, until it is done.</summary>
    private static async Task<JsonElement> ApplyAsync(Person machine, string config)
    {
        for (int kill = 0; kill < Kills; kill++)
        {
            Task<Ended> broken = machine.TryAsync("migrate-identity", "--apply", "--from", config);
            await machine.KillDaemonAsync();
            await broken;
        }

        JsonElement member = (await machine.DoAsync("migrate-identity", "--apply", "--from", config)).GetProperty("members")[0];
        Assert.Equal("moved", member.GetProperty("state").GetString());
        return member;
    }

    private static async Task<LegacyPerson> JoinAsync(Scene scene, string name)
    {
        string link = (await scene.Alice.DoAsync("invite", "--legacy")).GetProperty("url").GetString()!;
        LegacyPerson person = await LegacyPerson.JoinAsync(scene.Broker.Url, link, name);
        await scene.Alice.DoAsync("member", "admit", name);
        return person;
    }

    private static async Task WriteConfigAsync(string path, LegacyPerson person)
    {
        await File.WriteAllTextAsync(path, new JsonObject { ["version"] = 1, ["meshes"] = new JsonArray(person.Describe()) }.ToJsonString());
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
