using System.Diagnostics;
using Claudemesh.TestKit;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>The quickstart of docs/rest.md, typed as it stands there, with the published programs and the real curl. The other examples are run by the broker's tests.</summary>
public sealed class RestPageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    [Trait("issue", "5")]
    public async Task Who_follows_the_quickstart_posts_with_curl_what_members_read_and_follows_the_topic()
    {
        await using Scene scene = await Scene.SetAsync();
        IReadOnlyList<RestExample> examples = RestPage.Read("Quickstart");
        Dictionary<string, string> environment = new(scene.Alice.EnvironmentWith([]), StringComparer.Ordinal)
        {
            ["PATH"] = Programs.Folder + ":" + System.Environment.GetEnvironmentVariable("PATH"),
            ["BROKER"] = scene.Broker.Url.ToString().TrimEnd('/'),
        };

        Ended made = await Programs.RunAsync("/bin/bash", ["-euc", examples[0].Commands + "printf '\\n%s' \"$KEY\""], environment);
        Assert.True(made.Code == 0, made.Output + made.Error);
        environment["KEY"] = made.Output.Split('\n')[^1];
        Ended posted = await Programs.RunAsync("/bin/bash", ["-euc", examples[1].Commands], environment);

        Assert.Equal(3, examples.Count);
        Assert.True(posted.Code == 0 && posted.Output.Contains("\"messageId\"", StringComparison.Ordinal), posted.Output + posted.Error);
        await scene.Bob.DoAsync("topic", "join", "deploys");
        string read = await Eventually.IsAsync("bob reads what the script has posted", async () =>
            await scene.Bob.TryAsync("topic", "history", "deploys") is { Code: 0 } ended && ended.Output.Contains("v2 is out", StringComparison.Ordinal) ? ended.Output : null);
        Assert.Contains("not encrypted", read, StringComparison.Ordinal);
        await AssertFollowsAsync(examples[2], environment);
    }

    private static async Task AssertFollowsAsync(RestExample example, Dictionary<string, string> environment)
    {
        ProcessStartInfo start = new("/bin/bash", ["-euc", example.Commands]) { UseShellExecute = false, RedirectStandardOutput = true };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process curl = Process.Start(start)!;
        using CancellationTokenSource patience = new(Patience);
        string? line = "";
        while (line is not null && line != example.Answer!.Trim())
            line = await curl.StandardOutput.ReadLineAsync(patience.Token);
        curl.Kill(entireProcessTree: true);
        await curl.WaitForExitAsync(patience.Token);

        Assert.NotNull(line);
    }
}
