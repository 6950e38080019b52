using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>What a person says of himself by verbs, as another person's verbs show it.</summary>
public sealed class SelfTests
{
    [Fact]
    public async Task What_one_says_of_himself_the_other_sees_also_after_a_crash_of_his_daemon()
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Alice.DoAsync("summary", "fixing the build");
        await scene.Alice.DoAsync("status", "set", "working");
        await scene.Alice.DoAsync("profile", "--name", "Alice B.", "--title", "Engineer", "--bio", "I mend builds.", "--avatar", "🦊", "--capability", "review");
        await scene.Alice.DoAsync("group", "join", "backend", "--role", "lead");

        await scene.Alice.KillDaemonAsync();
        await scene.Alice.DoAsync("daemon", "up");

        JsonElement seen = await BobSeesAsync(
            scene, "alice as she said",
            peer => Text(peer, "summary") == "fixing the build" && Text(peer, "status") == "working" && peer.GetProperty("groups").GetArrayLength() == 1);
        Assert.Equal(("Alice B.", "backend"), (Text(seen, "name"), seen.GetProperty("groups")[0].GetString()));
        JsonElement profile = seen.GetProperty("profile");
        Assert.Equal(
            ("Engineer", "I mend builds.", "🦊", "review"),
            (Text(profile, "title"), Text(profile, "bio"), Text(profile, "avatar"), profile.GetProperty("capabilities")[0].GetString()));

        await scene.Alice.DoAsync("summary", "--clear");
        await BobSeesAsync(scene, "that the summary is gone", peer => peer.GetProperty("summary").ValueKind is JsonValueKind.Null);
    }

    [Fact]
    public async Task Who_is_hidden_is_not_listed_and_gets_his_messages()
    {
        await using Scene scene = await Scene.SetAsync();
        await BobSeesAsync(scene, "alice", _ => true);
        await scene.Alice.DoAsync("visible", "off");

        Assert.Empty(await OthersAsync(scene));
        Assert.False((await scene.Alice.DoAsync("visible")).GetProperty("selves")[0].GetProperty("visible").GetBoolean());
        JsonElement sent = await scene.Bob.DoAsync("send", "alice", "psst", "--wait", "delivered");
        Assert.Equal("delivered", sent.GetProperty("state").GetString());

        await scene.Alice.DoAsync("visible", "on");
        await BobSeesAsync(scene, "alice again", _ => true);
    }

    [Fact]
    public async Task Dnd_holds_back_what_can_wait_until_the_status_is_idle_again()
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Bob.DoAsync("status", "set", "dnd");
        await scene.Alice.DoAsync("send", "bob", "later", "--wait", "accepted");
        await scene.Alice.DoAsync("send", "bob", "some day", "--priority", "low", "--wait", "accepted");
        await scene.Alice.DoAsync("send", "bob", "fire", "--priority", "now", "--wait", "delivered");

        Assert.Equal(["fire"], (await scene.Bob.ReadInboxAsync()).Select(item => item.Text));
        await scene.Bob.DoAsync("status", "set", "idle");

        IReadOnlyList<InboxItem> inbox = await Eventually.IsAsync(
            "what was held back is there", async () => await scene.Bob.ReadInboxAsync() is { Count: 3 } items ? items : null);

        // Between different priorities there is no order.
        Assert.Equal(["fire", "later", "some day"], inbox.Select(item => item.Text).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_sent_to_a_group_reaches_who_joined_it_and_not_who_left_it()
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Bob.DoAsync("group", "join", "backend");
        await scene.Alice.DoAsync("send", "@backend", "release", "--wait", "delivered");
        JsonElement groups = await scene.Alice.DoAsync("group", "list");
        Assert.Equal("bob", groups.GetProperty("groups")[0].GetProperty("members")[0].GetString());

        await scene.Bob.DoAsync("group", "leave", "backend");
        Ended nobody = await scene.Alice.TryAsync("send", "@backend", "again");

        Assert.Equal(((int)ExitCode.NotFound, "claudemesh: Nobody but you is in @backend of acme.\n"), (nobody.Code, nobody.Error));
        Assert.Equal("release", Assert.Single(await scene.Bob.ReadInboxAsync()).Text);
    }

    private static async Task<JsonElement[]> OthersAsync(Scene scene) =>
        [.. (await scene.Bob.DoAsync("peers")).GetProperty("peers").EnumerateArray().Where(peer => !peer.GetProperty("self").GetBoolean())];

    private static async Task<JsonElement> BobSeesAsync(Scene scene, string what, Func<JsonElement, bool> isLike) =>
        (JsonElement)await Eventually.IsAsync<object>($"bob sees {what}", async () => (await OthersAsync(scene)).Where(isLike).Cast<object>().FirstOrDefault());

    private static string? Text(JsonElement record, string field) => record.GetProperty(field).GetString();
}
