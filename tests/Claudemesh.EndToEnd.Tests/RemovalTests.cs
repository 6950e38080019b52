using Claudemesh.TestKit;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>What the keys of a member open and what they do not, for one who has the broker's whole database and keeps to no rule.</summary>
public sealed class RemovalTests
{
    [Fact]
    [Trait("wire", "7.3 #9")]
    public async Task Who_joins_by_link_reads_the_past_alone_and_after_his_removal_nothing_newer_even_with_the_whole_database()
    {
        Assert.SkipWhen(TestPostgres.IsEverywhere, "Looks into the broker's SQLite file.");
        await using Scene scene = await Scene.SetAsync();
        await using Person carol = new("carol");
        await scene.Alice.DoAsync("topic", "post", "general", "past-by-alice");
        await PostedAsync(scene.Bob, "general", "past-by-alice");
        await scene.Bob.DoAsync("topic", "post", "general", "past-by-bob");
        await PostedAsync(scene.Alice, "general", "past-by-bob");

        // Nobody else is there when she joins, reads and writes.
        string link = await scene.InviteAsync();
        await scene.Alice.DoAsync("daemon", "down");
        await scene.Bob.DoAsync("daemon", "down");
        await carol.DoAsync("join", link, "--as", "carol");
        await PostedAsync(carol, "general", "past-by-alice");
        await PostedAsync(carol, "general", "past-by-bob");
        await carol.DoAsync("topic", "post", "general", "by-carol");
        await PostedAsync(carol, "general", "by-carol");

        await scene.Alice.DoAsync("daemon", "up");
        await scene.Bob.DoAsync("daemon", "up");
        await PostedAsync(scene.Alice, "general", "by-carol");
        await scene.Alice.DoAsync("send", "*", "broadcast-while-carol-was-here", "--wait", "delivered");
        await scene.Alice.DoAsync("state", "set", "deploy", "state-while-carol-was-here");
        Thief member = Thief.BreakInto(scene.Broker, carol);

        await scene.Alice.DoAsync("member", "remove", "carol", "--yes");
        await scene.Alice.DoAsync("topic", "post", "general", "after-by-alice");
        await PostedAsync(scene.Bob, "general", "after-by-alice");
        await scene.Bob.DoAsync("topic", "post", "general", "after-by-bob");
        await PostedAsync(scene.Alice, "general", "after-by-bob");
        await scene.Alice.DoAsync("send", "*", "broadcast-after", "--wait", "delivered");
        await scene.Alice.DoAsync("state", "set", "deploy", "state-after");
        await scene.Alice.DoAsync("remember", "memory-after");
        Thief removed = Thief.BreakInto(scene.Broker, carol);
        Thief stays = Thief.BreakInto(scene.Broker, scene.Bob);

        string[] past = ["past-by-alice", "past-by-bob", "by-carol", "broadcast-while-carol-was-here"];
        string[] after = ["after-by-alice", "after-by-bob", "broadcast-after", "state-after", "memory-after"];
        Assert.All(past.Append("state-while-carol-was-here"), text => Assert.True(member.Reads(text), text));
        Assert.All(past, text => Assert.True(removed.Reads(text), text));
        Assert.All(after, text => Assert.False(removed.Reads(text), text));
        Assert.All(past.Concat(after), text => Assert.True(stays.Reads(text), text));
        Assert.Equal(member.Roots.Max(root => root.Epoch), removed.Roots.Max(root => root.Epoch));
        Assert.True(stays.Roots.Max(root => root.Epoch) > removed.Roots.Max(root => root.Epoch));
    }

    [Fact]
    public async Task A_private_topic_opens_for_its_members_keys_only_whoever_else_is_in_the_workspace()
    {
        Assert.SkipWhen(TestPostgres.IsEverywhere, "Looks into the broker's SQLite file.");
        await using Scene scene = await Scene.SetAsync();
        await using Person carol = new("carol");
        await carol.DoAsync("join", await scene.InviteAsync(), "--as", "carol");
        await scene.Alice.DoAsync("topic", "create", "plans", "--private", "--with", "bob");
        await scene.Alice.DoAsync("topic", "post", "plans", "private-by-alice");
        await PostedAsync(scene.Bob, "plans", "private-by-alice");
        await scene.Bob.DoAsync("topic", "post", "plans", "private-by-bob");
        await PostedAsync(scene.Alice, "plans", "private-by-bob");
        await scene.Alice.DoAsync("topic", "post", "general", "public-by-alice");

        Thief outsider = Thief.BreakInto(scene.Broker, carol);
        Thief insider = Thief.BreakInto(scene.Broker, scene.Bob);

        string[] secret = ["private-by-alice", "private-by-bob"];
        Assert.True(outsider.Reads("public-by-alice"));
        Assert.All(secret, text => Assert.False(outsider.Reads(text), text));
        Assert.All(secret.Append("public-by-alice"), text => Assert.True(insider.Reads(text), text));
        Ended refused = await carol.TryAsync("topic", "history", "plans");
        Ended unknown = await carol.TryAsync("topic", "history", "plots");
        Assert.Equal(unknown.Code, refused.Code);
        Assert.Equal(unknown.Error.Replace("plots", "plans", StringComparison.Ordinal), refused.Error);
    }

    /// <summary>Waits until somebody has a post.</summary>
    private static async Task PostedAsync(Person reader, string topic, string text) => await Eventually.IsAsync($"{reader.Name} has \"{text}\" in #{topic}", async () =>
    {
        Ended ended = await reader.TryAsync("topic", "history", topic, "--json");
        return ended.Code == 0 && ended.Output.Contains(text, StringComparison.Ordinal) ? ended : null;
    });
}
