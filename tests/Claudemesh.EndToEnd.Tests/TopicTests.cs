using System.Text.Json;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>Topics by verbs alone: three people with a HOME each, and a broker.</summary>
public sealed class TopicTests
{
    [Fact]
    [Trait("issue", "4")]
    public async Task A_third_joins_with_both_others_away_reads_the_past_posts_and_reads_nothing_after_he_was_removed()
    {
        await using Scene scene = await Scene.SetAsync();
        await using Person carol = new("carol");
        await scene.Alice.DoAsync("topic", "post", "general", "from alice", "--wait", "accepted");
        await scene.Bob.DoAsync("topic", "post", "general", "from bob", "--wait", "accepted");
        await ReadsAsync(scene.Alice, "from alice", "from bob");
        await ReadsAsync(scene.Bob, "from alice", "from bob");

        string link = await scene.InviteAsync();
        await scene.Alice.DoAsync("daemon", "down");
        await scene.Bob.DoAsync("daemon", "down");
        await carol.DoAsync("join", link, "--as", "carol");
        await ReadsAsync(carol, "from alice", "from bob");
        await carol.DoAsync("topic", "post", "general", "from carol", "--wait", "accepted");

        await ReadsAsync(scene.Alice, "from alice", "from bob", "from carol");
        await scene.Alice.DoAsync("ban", "carol", "--yes");
        await scene.Alice.DoAsync("topic", "post", "general", "without carol", "--wait", "accepted");
        await scene.Bob.DoAsync("topic", "post", "general", "she is gone", "--wait", "accepted");
        await ReadsAsync(scene.Alice, "from alice", "from bob", "from carol", "without carol", "she is gone");
        await ReadsAsync(scene.Bob, "from alice", "from bob", "from carol", "without carol", "she is gone");

        Ended carolReads = await carol.TryAsync("topic", "history", "general", "--json");
        Assert.DoesNotContain("without carol", carolReads.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("she is gone", carolReads.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tail_prints_posts_as_they_come_and_ends_well_with_an_interrupt()
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Alice.DoAsync("topic", "post", "general", "earlier", "--wait", "accepted");
        await using TailProcess tail = TailProcess.Start(scene.Bob, "general", "--json=sender,text");

        Assert.Equal("""{"schema_version":"1.0","sender":"alice","text":"earlier"}""", await tail.NextAsync());
        await scene.Alice.DoAsync("topic", "post", "general", "live");
        Assert.Equal("""{"schema_version":"1.0","sender":"alice","text":"live"}""", await tail.NextAsync());

        // A daemon that is killed is started again, and what was posted meanwhile follows.
        await scene.Bob.KillDaemonAsync();
        await scene.Alice.DoAsync("topic", "post", "general", "after the crash", "--wait", "accepted");
        Assert.Equal("""{"schema_version":"1.0","sender":"alice","text":"after the crash"}""", await tail.NextAsync());
        Assert.Equal(0, await tail.InterruptAsync());
    }

    [Fact]
    public async Task A_private_topic_is_not_there_for_whom_it_is_not_and_its_texts_are_not_at_the_broker()
    {
        await using Scene scene = await Scene.SetAsync();
        await using Person carol = new("carol");
        await carol.DoAsync("join", await scene.InviteAsync(), "--as", "carol");
        await scene.Alice.DoAsync("topic", "create", "incident", "--private", "--with", "bob");
        await scene.Alice.DoAsync("topic", "post", "incident", "canary-in-private", "--wait", "accepted");

        JsonElement page = await Eventually.IsAsync("bob reads it", async () =>
            await scene.Bob.TryAsync("topic", "history", "incident", "--json=text") is { Code: 0, Output: { } output } && output.Contains("canary-in-private", StringComparison.Ordinal)
                ? JsonDocument.Parse(output)
                : null) is { } document ? document.RootElement : default;
        Assert.Equal("canary-in-private", page.GetProperty("posts")[0].GetProperty("text").GetString());

        Ended unknown = await carol.TryAsync("topic", "post", "no-such-topic", "x");
        Ended hidden = await carol.TryAsync("topic", "post", "incident", "x");
        TroubleshootingPage.AssertTold("The topic does not exist, or is a private one of others", unknown);
        TroubleshootingPage.AssertTold("The topic does not exist, or is a private one of others", hidden);
        Assert.Equal(unknown.Code, hidden.Code);
    }

    [Fact]
    public async Task What_cannot_be_posted_is_told_as_the_page_says()
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Alice.DoAsync("topic", "create", "deploys");

        TroubleshootingPage.AssertTold("The topic was not joined", await scene.Bob.TryAsync("topic", "post", "deploys", "x"));
        await scene.Bob.DoAsync("topic", "join", "deploys", "--observer");
        TroubleshootingPage.AssertTold("An observer posts", await scene.Bob.TryAsync("topic", "post", "deploys", "x"));
        TroubleshootingPage.AssertTold("What is answered stands in no post of the topic", await scene.Alice.TryAsync("topic", "post", "deploys", "x", "--reply-to", "zzzzzzzz"));
        await scene.Alice.DoAsync("topic", "archive", "deploys");
        TroubleshootingPage.AssertTold("The topic is archived", await scene.Alice.TryAsync("send", "#deploys", "x"));
    }

    private static async Task ReadsAsync(Person person, params string[] texts)
    {
        string[] read = await Eventually.IsAsync($"{person.Name} reads {texts.Length} posts", async () =>
        {
            Ended ended = await person.TryAsync("topic", "history", "general", "--json=text");
            if (ended.Code != 0)
                return null;

            using JsonDocument page = JsonDocument.Parse(ended.Output);
            string?[] found = [.. page.RootElement.GetProperty("posts").EnumerateArray().Select(post => post.GetProperty("text").GetString())];
            return found.Length >= texts.Length && found.All(text => text is not null) ? found.Select(text => text!).ToArray() : null;
        });
        Assert.Equal(texts, read);
    }
}
