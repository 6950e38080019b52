using System.Text;
using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Verbs;

/// <summary>What state and memory verbs do beyond one request and its answer.</summary>
public sealed class StateTests
{
    [Fact]
    public async Task Getting_a_value_prints_it_alone_and_what_is_odd_about_it_beside()
    {
        using var desk = new Desk();
        var list = new SharedStateList([Samples.State.Entries[1] with { Trouble = "the broker gives an older revision than was seen here; this one stays" }]);
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers("GET", LocalRoutes.State, list, LocalJson.Default.SharedStateList);

        Seen seen = await desk.TypeAsync("state", "get", "plan");

        Assert.Equal((ExitCode.Ok, "first this\nthen that\n"), (seen.Code, seen.Output));
        Assert.Equal("claudemesh: plan in acme: the broker gives an older revision than was seen here; this one stays.\n", seen.Error);
    }

    [Fact]
    public async Task A_plain_value_is_said_to_be_plain()
    {
        using var desk = new Desk();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("GET", LocalRoutes.State, new SharedStateList([Samples.State.Entries[2]]), LocalJson.Default.SharedStateList);

        Seen seen = await desk.TypeAsync("state", "get", "deploy");

        Assert.Equal(("3\n", "claudemesh: it is not encrypted; its writer is vouched for by the server.\n"), (seen.Output, seen.Error));
    }

    [Fact]
    public async Task A_key_of_several_workspaces_is_asked_which()
    {
        using var desk = new Desk();
        var list = new SharedStateList([Samples.Deploy, Samples.Deploy with { Workspace = "other" }]);
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers("GET", LocalRoutes.State, list, LocalJson.Default.SharedStateList);

        Seen seen = await desk.TypeAsync("state", "get", "deploy");

        Assert.Equal((ExitCode.BadArguments, ""), (seen.Code, seen.Output));
        Assert.Contains("say which: acme, other", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conflict_says_the_present_value_in_words_and_in_fields()
    {
        using var desk = new Desk();
        LocalProblem problem = LocalProblem.Of(LocalErrors.RevisionConflict, "deploy has another revision.", 409, ExitCode.Exists) with
        {
            Current = JsonDocument.Parse("true").RootElement, CurrentRevision = 5,
        };
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Refuses("POST", LocalRoutes.State, problem);

        Seen people = await desk.TypeAsync("state", "set", "deploy", "1", "--if-revision", "4");
        Seen json = await desk.TypeAsync("state", "set", "deploy", "1", "--if-revision", "4", "--json");

        Assert.Equal((ExitCode.Exists, "claudemesh: deploy has another revision.\n"), (people.Code, people.Error));
        Assert.Equal(ExitCode.Exists, json.Code);
        Assert.Contains("\"current\":true,\"current_revision\":5", json.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_and_a_memory_can_come_from_standard_input()
    {
        using var desk = new Desk { Input = Encoding.UTF8.GetBytes("{\"a\":\n1}\n") };
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("POST", LocalRoutes.State, Samples.Deploy, LocalJson.Default.SharedState)
            .Answers("POST", LocalRoutes.Memories, Samples.Remembered, LocalJson.Default.Memory);

        await desk.TypeAsync("state", "set", "deploy", "-");
        desk.Input = Encoding.UTF8.GetBytes("two\nlines\r\n");
        await desk.TypeAsync("remember", "-", "--tag", "a", "--tag", "b");

        string[] bodies = [.. daemon.Requests.Select(request => request.Body).Where(body => body.Length > 0)];
        Assert.Equal(1, JsonDocument.Parse(bodies[0]).RootElement.GetProperty("value").GetProperty("a").GetInt32());
        JsonElement memory = JsonDocument.Parse(bodies[1]).RootElement;
        Assert.Equal("two\nlines", memory.GetProperty("text").GetString());
        Assert.Equal(["a", "b"], memory.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));
        Assert.Equal(32, memory.GetProperty("id").GetString()!.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_too_large_or_no_text_is_told_before_anything_is_asked(bool isLarge)
    {
        using var desk = new Desk { Input = isLarge ? new byte[LocalLimits.KeptBytesMax + 1] : [0xFF, 0xFE, 0xFF] };
        await using var daemon = new ScriptedDaemon(desk.Home);

        Seen seen = await desk.TypeAsync("remember", "-");

        Assert.Equal(ExitCode.BadArguments, seen.Code);
        Assert.Contains(isLarge ? "A memory has at most 122,880 bytes" : "is not UTF-8 text", seen.Error, StringComparison.Ordinal);
        Assert.Empty(daemon.Requests);
    }

    [Fact]
    public async Task Watching_prints_one_object_a_line_what_is_new_and_nothing_twice()
    {
        using var desk = new Desk();
        SharedState other = Samples.Deploy with { Key = "other", Revision = 9 };
        SharedState told = Samples.Deploy with { Revision = 6 };
        string events = string.Concat(new[] { told with { Revision = 5 }, told, told, other }
            .Select(entry => $"event: state\ndata: {JsonSerializer.Serialize(entry, LocalJson.Default.SharedState)}\n\n"));
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("GET", LocalRoutes.State, Samples.State, LocalJson.Default.SharedStateList)
            .Answers("GET", LocalRoutes.State, new SharedStateList([Samples.Deploy with { Revision = 5 }]), LocalJson.Default.SharedStateList)
            .AnswersRaw("GET", LocalRoutes.Events, Encoding.UTF8.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: connected\n\n" + events))
            .Refuses("GET", LocalRoutes.Events, LocalProblem.Of(LocalErrors.WorkspaceNotFound, "Enough.", 404, ExitCode.NotFound));

        Task<Seen> watching = desk.TypeAsync("state", "watch", "deploy", "--json=key,revision");
        while (!watching.IsCompleted)
        {
            desk.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Seen seen = await watching;
        string[] lines = seen.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("""{"schema_version":"1.0","key":"deploy","revision":5}""", lines[0]);
        Assert.Equal("""{"schema_version":"1.0","key":"deploy","revision":6}""", lines[1]);
        Assert.Contains("workspace_not_found", Assert.Single(lines[2..]), StringComparison.Ordinal);
        Assert.Equal(ExitCode.NotFound, seen.Code);
    }
}
