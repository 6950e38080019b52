using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.EndToEnd.Tests;

public sealed class ConversationTests
{
    [Fact]
    public async Task Two_people_write_to_each_other_by_verbs_alone()
    {
        await using Scene scene = await Scene.SetAsync();

        JsonElement sent = await scene.Alice.DoAsync("send", "bob", "the schema changed", "--wait", "delivered");
        await scene.Bob.DoAsync("send", "alice", "seen", "--wait", "delivered");

        Assert.Equal("delivered", sent.GetProperty("state").GetString());
        InboxItem toBob = Assert.Single(await scene.Bob.ReadInboxAsync());
        InboxItem toAlice = Assert.Single(await scene.Alice.ReadInboxAsync());
        Assert.Equal(("the schema changed", "alice", true, true), (toBob.Text, toBob.Sender, toBob.Encrypted, toBob.Verified));
        Assert.Equal(("seen", "bob"), (toAlice.Text, toAlice.Sender));
    }

    [Fact]
    public async Task What_is_sent_to_somebody_who_is_away_is_there_when_he_returns()
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Bob.DoAsync("daemon", "down");

        await scene.Alice.DoAsync("send", "bob", "while you were out", "--wait", "accepted");
        await scene.Bob.DoAsync("daemon", "up");

        IReadOnlyList<InboxItem> inbox = await Eventually.IsAsync(
            "the message is in bob's inbox", async () => await scene.Bob.ReadInboxAsync() is { Count: > 0 } items ? items : null);
        Assert.Equal("while you were out", Assert.Single(inbox).Text);
    }

    [Fact]
    public async Task A_broadcast_from_the_terminal_reaches_every_member_sealed()
    {
        await using Scene scene = await Scene.SetAsync();

        await scene.Alice.DoAsync("send", "*", "all hands", "--wait", "delivered");

        InboxItem item = Assert.Single(await scene.Bob.ReadInboxAsync());
        Assert.Equal(("all hands", true), (item.Text, item.Encrypted));
        Assert.Empty(await scene.Alice.ReadInboxAsync());
    }
}
