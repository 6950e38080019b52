using System.Text.Json;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>Scripts with curl and an API key in the conversation of members who encrypt; all of it by the built programs.</summary>
public sealed class ScriptTests
{
    // What a script has of claudemesh is an address and a key.
    private const string PostScript =
        """
        curl --fail-with-body -sS -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" --data "{\"topic\":\"$TOPIC\",\"text\":\"$TEXT\"}" "$URL/api/v1/messages"
        """;

    private const string StreamScript =
        """exec curl --fail-with-body -sS -N -H "Authorization: Bearer $KEY" "$URL/api/v1/topics/$TOPIC/stream?after=$AFTER" """;

    private const string AllScript =
        """exec curl --fail-with-body -sS -N -H "Authorization: Bearer $KEY" "$URL/api/v1/stream?after=$AFTER" """;

    [Fact]
    [Trait("issue", "5")]
    public async Task A_script_posts_to_a_topic_that_takes_plain_text_and_reads_the_stream_and_members_see_what_is_not_encrypted()
    {
        await using Scene scene = await Scene.SetAsync();
        Dictionary<string, string> script = await OpenTopicAsync(scene);

        using JsonDocument posted = await PostAsync(script, "build 12 is out");
        await scene.Bob.DoAsync("topic", "post", "deploys", "between us", "--wait", "accepted");
        await PostAsync(script, "build 13 is out");

        // The key's own issuer sees what it posts as any other: it is a script's, and not hers.
        foreach (Person person in new[] { scene.Alice, scene.Bob })
        {
            JsonElement[] posts = await ReadAsync(person, 3);
            Assert.Equal(["build 12 is out", "between us", "build 13 is out"], posts.Select(post => post.GetProperty("text").GetString()));
            Assert.Equal([false, true, false], posts.Select(post => post.GetProperty("encrypted").GetBoolean()));
            Assert.Equal([false, true, false], posts.Select(post => post.GetProperty("verified").GetBoolean()));
            Assert.Equal([false, person == scene.Bob, false], posts.Select(post => post.GetProperty("own").GetBoolean()));
            Assert.Equal(posted.RootElement.GetProperty("messageId").GetString(), posts[0].GetProperty("id").GetString());

            Ended shown = await person.TryAsync("topic", "history", "deploys");
            Assert.Equal(2, shown.Output.Split("[not encrypted]").Length - 1);
        }

        Assert.Equal(3, await UnreadAsync(scene.Alice));
        Assert.Equal(2, await UnreadAsync(scene.Bob));

        await using TailProcess reader = TailProcess.StartProgram("/bin/sh", script, "-c", StreamScript);
        JsonElement[] rows = [await NextMessageAsync(reader), await NextMessageAsync(reader), await NextMessageAsync(reader)];
        Assert.Equal([false, true, false], rows.Select(row => row.GetProperty("encrypted").GetBoolean()));
        Assert.Equal(["build 12 is out", null, "build 13 is out"], rows.Select(row => row.TryGetProperty("text", out JsonElement text) ? text.GetString() : null));
        Assert.Equal([1, 3, 1], rows.Select(row => row.GetProperty("bodyVersion").GetInt32()));
        Assert.DoesNotContain("between us", rows[1].GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("between us", System.Text.Encoding.UTF8.GetString(rows[1].GetProperty("ciphertext").GetBytesFromBase64()), StringComparison.Ordinal);

        // Live, and from where it was, after the broker was killed.
        await scene.Alice.DoAsync("topic", "post", "deploys", "live", "--wait", "accepted");
        JsonElement live = await NextMessageAsync(reader);
        Assert.True(live.GetProperty("encrypted").GetBoolean());
        await scene.Broker.KillAsync();
        await reader.EndAsync();
        await scene.Broker.StartAgainAsync();
        await PostAsync(script, "after the crash");
        script["AFTER"] = live.GetProperty("id").GetString()!;
        await using TailProcess again = TailProcess.StartProgram("/bin/sh", script, "-c", AllScript);
        Assert.Equal("after the crash", (await NextMessageAsync(again)).GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_topic_that_was_not_opened_takes_no_plain_text_and_a_script_is_told_how_it_could_be()
    {
        await using Scene scene = await Scene.SetAsync();
        Dictionary<string, string> script = await OpenTopicAsync(scene);
        await scene.Alice.DoAsync("topic", "policy", "deploys", "plain", "no");

        Ended refused = await Programs.RunAsync("/bin/sh", ["-c", PostScript], With(script, ("TEXT", "x")));
        Assert.Equal(22, refused.Code);
        using JsonDocument problem = JsonDocument.Parse(refused.Output);
        Assert.Equal("encryption_required", problem.RootElement.GetProperty("code").GetString());

        Ended unknown = await Programs.RunAsync("/bin/sh", ["-c", PostScript], With(script, ("TEXT", "x"), ("KEY", "cm_" + new string('x', 43))));
        Assert.Equal(22, unknown.Code);
        Assert.Contains("api_key_invalid", unknown.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_example_for_github_actions_posts_its_line_once_however_often_the_step_is_tried()
    {
        await using Scene scene = await Scene.SetAsync();
        Dictionary<string, string> script = await OpenTopicAsync(scene);
        WorkflowStep step = WorkflowStep.Read("github-actions.yml", "Tell the team");
        Assert.Equal("deploys", step.Environment["CLAUDEMESH_TOPIC"]);
        Assert.Equal("${{ secrets.CLAUDEMESH_KEY }}", step.Environment["CLAUDEMESH_KEY"]);
        Dictionary<string, string> runner = With(
            step.Environment,
            ("CLAUDEMESH_URL", script["URL"]), ("CLAUDEMESH_KEY", script["KEY"]), ("GITHUB_RUN_ID", "4711"), ("GITHUB_RUN_ATTEMPT", "1"), ("GITHUB_ACTOR", "mou[bot]"),
            ("GITHUB_SHA", "0123456789abcdef0123456789abcdef01234567"), ("GITHUB_REPOSITORY", "acme/shop"), ("GITHUB_SERVER_URL", "https://github.example"));

        // As the runner does: https://docs.github.com/actions/reference/workflow-syntax, "shell".
        for (int i = 0; i < 2; i++)
        {
            Ended ended = await Programs.RunAsync("bash", ["-e", "-c", step.Run], runner);
            Assert.True(ended.Code == 0, ended.Output + ended.Error);
        }

        JsonElement post = Assert.Single(await ReadAsync(scene.Bob, 1));
        Assert.Equal(
            ("acme/shop: 01234567 is deployed, by mou[bot]. https://github.example/acme/shop/actions/runs/4711", false),
            (post.GetProperty("text").GetString(), post.GetProperty("encrypted").GetBoolean()));

        Ended failed = await Programs.RunAsync("bash", ["-e", "-c", step.Run], With(runner, ("CLAUDEMESH_KEY", "cm_nothing")));
        Assert.Equal(22, failed.Code);
        Assert.Contains("The API key is invalid", failed.Output, StringComparison.Ordinal);
    }

    /// <summary>A topic that takes plain text, with both in it, and what a script of Alice's needs for it.</summary>
    private static async Task<Dictionary<string, string>> OpenTopicAsync(Scene scene)
    {
        await scene.Alice.DoAsync("topic", "create", "deploys");
        await scene.Bob.DoAsync("topic", "join", "deploys");
        await scene.Alice.DoAsync("topic", "policy", "deploys", "plain", "yes");
        JsonElement key = await scene.Alice.DoAsync("apikey", "create", "--label", "ci", "--can", "send,read", "--topic", "deploys");
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["URL"] = scene.Broker.Url.ToString().TrimEnd('/'), ["KEY"] = key.GetProperty("secret").GetString()!, ["TOPIC"] = "deploys", ["AFTER"] = "0",
        };
    }

    private static async Task<JsonDocument> PostAsync(Dictionary<string, string> script, string text)
    {
        Ended ended = await Programs.RunAsync("/bin/sh", ["-c", PostScript], With(script, ("TEXT", text)));
        Assert.True(ended.Code == 0, ended.Output + ended.Error);
        return JsonDocument.Parse(ended.Output);
    }

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> environment, params (string Name, string Value)[] more)
    {
        Dictionary<string, string> all = new(environment, StringComparer.Ordinal);
        foreach ((string name, string value) in more)
            all[name] = value;
        return all;
    }

    /// <summary>The data of the next message event; ids, heartbeats and blank lines are passed over.</summary>
    private static async Task<JsonElement> NextMessageAsync(TailProcess reader)
    {
        string kind = "";
        while (true)
        {
            string line = await reader.NextAsync();
            if (line.StartsWith("event: ", StringComparison.Ordinal))
                kind = line["event: ".Length..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal) && kind == "message")
                return JsonDocument.Parse(line["data: ".Length..]).RootElement;
        }
    }

    /// <summary>Waits until so many posts are there, and gives all.</summary>
    private static Task<JsonElement[]> ReadAsync(Person person, int count) => Eventually.IsAsync($"{person.Name} reads {count} posts", async () =>
    {
        Ended ended = await person.TryAsync("topic", "history", "deploys", "--json");
        JsonElement[] posts = ended.Code == 0 ? [.. JsonDocument.Parse(ended.Output).RootElement.GetProperty("posts").EnumerateArray()] : [];
        return posts.Length >= count && posts.All(post => post.GetProperty("text").ValueKind is JsonValueKind.String) ? posts : null;
    });

    private static async Task<long> UnreadAsync(Person person) => (await person.DoAsync("me", "topics")).GetProperty("topics").EnumerateArray()
        .Single(topic => topic.GetProperty("name").GetString() == "deploys").GetProperty("unread").GetInt64();
}
