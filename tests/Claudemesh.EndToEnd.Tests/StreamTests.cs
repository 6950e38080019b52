using System.Text.Json;

namespace Claudemesh.EndToEnd.Tests;

/// <summary><c>claudemesh stream</c> as a script uses it: in a pipe, over crashes, resumed.</summary>
public sealed class StreamTests
{
    [Fact]
    [Trait("issue", "5")]
    public async Task A_stream_prints_each_post_once_over_a_killed_daemon_and_a_killed_broker_and_ends_well()
    {
        await using Scene scene = await Scene.SetAsync();
        await scene.Alice.DoAsync("topic", "create", "deploys");
        await scene.Bob.DoAsync("topic", "join", "deploys");
        await using TailProcess stream = TailProcess.StartVerb(scene.Bob, "stream", "--after", "0", "--json=topic,text");

        await PostAsync(scene, "deploys", "one");
        Assert.Equal(Line("deploys", "one"), await stream.NextAsync());
        await scene.Bob.KillDaemonAsync();
        await PostAsync(scene, "general", "two");
        Assert.Equal(Line("general", "two"), await stream.NextAsync());

        await scene.Broker.KillAsync();
        await scene.Alice.DoAsync("topic", "post", "deploys", "three");
        await scene.Broker.StartAgainAsync();
        Assert.Equal(Line("deploys", "three"), await stream.NextAsync());
        await PostAsync(scene, "deploys", "four");
        Assert.Equal(Line("deploys", "four"), await stream.NextAsync());
        Assert.Equal(0, await stream.InterruptAsync());
    }

    [Fact]
    public async Task A_script_goes_on_behind_the_last_post_it_had_and_ends_where_it_said()
    {
        await using Scene scene = await Scene.SetAsync();
        await using TailProcess first = TailProcess.StartVerb(scene.Bob, "stream", "general", "--after", "0", "--count", "2");
        for (int i = 0; i < 5; i++)
            await PostAsync(scene, "general", $"n{i}");

        string[][] lines = [(await first.NextAsync()).Split('\t'), (await first.NextAsync()).Split('\t')];
        Assert.Equal(0, await first.EndAsync());
        Assert.Equal([["acme", "#general", "alice", "encrypted", "n0"], ["acme", "#general", "alice", "encrypted", "n1"]], lines.Select(line => line[1..5].Append(line[6])));
        await using TailProcess next = TailProcess.StartVerb(scene.Bob, "stream", "general", "--after", lines[1][5], "--count", "3", "--for", "10m", "--json=text");
        Assert.Equal([Text("n2"), Text("n3"), Text("n4")], [await next.NextAsync(), await next.NextAsync(), await next.NextAsync()]);
        Assert.Equal(0, await next.EndAsync());

        Ended rest = await scene.Bob.TryAsync("stream", "--after", lines[1][5], "--no-follow", "--json=text");
        Assert.Equal((0, $"{Text("n2")}\n{Text("n3")}\n{Text("n4")}\n"), (rest.Code, rest.Output));
        Ended few = await scene.Bob.TryAsync("stream", "--count", "1", "--for", "1s");
        Assert.Equal((4, "claudemesh: 0 of 1 posts came in 1s.\n"), (few.Code, few.Error));
    }

    [Fact]
    public async Task A_reader_who_has_enough_ends_the_stream_at_once()
    {
        await using Scene scene = await Scene.SetAsync();
        await PostAsync(scene, "general", "only");

        // No post follows: what ends it is that nobody reads any more.
        Ended piped = await Programs.RunAsync(
            "/bin/sh", ["-c", "\"$1\" stream --after 0 --json=text | head -n 1; exec \"$1\" topic tail general --json=text | head -n 1", "sh", Programs.Find("claudemesh")], scene.Bob.EnvironmentWith([]));

        Assert.Equal((0, $"{Text("only")}\n{Text("only")}\n", ""), (piped.Code, piped.Output, piped.Error));
    }

    private static Task<JsonElement> PostAsync(Scene scene, string topic, string text) => scene.Alice.DoAsync("topic", "post", topic, text, "--wait", "accepted");

    private static string Line(string topic, string text) => $$"""{"schema_version":"1.0","topic":"{{topic}}","text":"{{text}}"}""";

    private static string Text(string text) => $$"""{"schema_version":"1.0","text":"{{text}}"}""";
}
