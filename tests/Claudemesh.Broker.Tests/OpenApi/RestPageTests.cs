using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Claudemesh.Broker.Rest;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <summary>Every example of docs/rest.md, run by a shell and the real curl against a broker, in the order of the page.</summary>
public sealed partial class RestPageTests
{
    private const string Chapter = "Every route";

    [Fact]
    public async Task Every_example_of_the_page_does_what_the_page_says()
    {
        await using OpenApiWalk walk = await OpenApiWalk.StartAsync();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("claudemesh-curl-");
        try
        {
            await walk.SaveBodiesAsync(folder.FullName);

            // A refusal is an end with an error, and nothing is said beside the answer.
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, ".curlrc"), "fail-with-body\nsilent\nshow-error\nmax-time = 100\n");
            foreach (RestExample example in RestPage.Read(Chapter))
                await RunAsync(walk, folder.FullName, example);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Every_route_has_an_example_on_the_page()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        JsonObject document = (JsonObject)JsonNode.Parse(await broker.Http.GetStringAsync(new Uri("/openapi.json", UriKind.Relative)))!;
        string[] asked = [.. RestPage.Read(Chapter).Select(example => Asked(example.Commands))];

        foreach ((string method, string full, _) in OpenApiDocumentTests.Operations(document).Where(one => one.Path.StartsWith(RestRoutes.Base, StringComparison.Ordinal)))
        {
            string path = full[RestRoutes.Base.Length..];
            string pattern = $"^{method} {Parameter().Replace(Regex.Escape(path).Replace("\\{", "{", StringComparison.Ordinal), path.StartsWith("/state", StringComparison.Ordinal) ? ".+" : "[^/]+")}$";
            Assert.True(asked.Any(one => Regex.IsMatch(one, pattern, RegexOptions.None, TimeSpan.FromSeconds(5))), $"{method} {path} has no example in docs/rest.md.");
        }
    }

    [Fact]
    public async Task Every_route_of_an_account_is_on_the_page_of_accounts()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        JsonObject document = (JsonObject)JsonNode.Parse(await broker.Http.GetStringAsync(new Uri("/openapi.json", UriKind.Relative)))!;
        string page = await File.ReadAllTextAsync(RestPage.PathOf("accounts.md"));

        Assert.All(
            OpenApiDocumentTests.Operations(document).Where(one => !one.Path.StartsWith(RestRoutes.Base, StringComparison.Ordinal)),
            one => Assert.Contains($"`{one.Method} {one.Path}`", page, StringComparison.Ordinal));
    }

    private static string Asked(string command)
    {
        string path = Address().Match(command).Groups["path"].Value.Split('?')[0];
        string method = Request().Match(command) is { Success: true } named ? named.Groups["method"].Value
            : command.Contains("--json", StringComparison.Ordinal) ? "POST" : "GET";
        return $"{method} {path}";
    }

    private static async Task RunAsync(OpenApiWalk walk, string folder, RestExample example)
    {
        ProcessStartInfo start = new("/bin/bash", ["-euc", example.Commands]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach ((string name, string value) in walk.Variables)
            start.Environment[name] = value;
        start.Environment["CURL_HOME"] = folder;
        using Process shell = Process.Start(start)!;
        using CancellationTokenSource patience = new(TestSocket.Patience);
        if (example.IsStream)
        {
            // It does not end by itself: seen is enough.
            string? line = "";
            while (line is not null && line != "event: message")
                line = await shell.StandardOutput.ReadLineAsync(patience.Token);
            shell.Kill(entireProcessTree: true);
            await shell.WaitForExitAsync(patience.Token);
            Assert.True(line is not null, $"{example.Commands}\nended without a message: {await shell.StandardError.ReadToEndAsync(patience.Token)}");
            return;
        }

        string output = await shell.StandardOutput.ReadToEndAsync(patience.Token);
        string error = await shell.StandardError.ReadToEndAsync(patience.Token);
        await shell.WaitForExitAsync(patience.Token);
        Assert.True(shell.ExitCode == 0, $"{example.Commands}\nended with {shell.ExitCode}: {output} {error}");
        JsonNode? answer = output.Length == 0 ? null : JsonNode.Parse(output);
        walk.Keep(Asked(example.Commands), answer);
        if (example.Answer is not null)
            AssertLooksLike(JsonNode.Parse(example.Answer), answer, example.Commands);
    }

    /// <summary>The same properties everywhere, and the same values but where the page has <c>…</c> because they are others each time.</summary>
    private static void AssertLooksLike(JsonNode? shown, JsonNode? actual, string where)
    {
        switch (shown)
        {
            case JsonObject properties:
                JsonObject given = Assert.IsType<JsonObject>(actual);
                Assert.True(properties.Select(one => one.Key).SequenceEqual(given.Select(one => one.Key)), $"{where}\nanswered {given.ToJsonString()}, not what the page shows: {properties.ToJsonString()}");
                foreach ((string name, JsonNode? value) in properties)
                    AssertLooksLike(value, given[name], $"{where} {name}");
                break;
            case JsonArray items:
                JsonArray list = Assert.IsType<JsonArray>(actual);
                Assert.Equal(items.Count, list.Count);
                for (int index = 0; index < items.Count; index++)
                    AssertLooksLike(items[index], list[index], where);
                break;
            case JsonValue text when text.ToJsonString().Contains("\\u2026", StringComparison.Ordinal):
                Assert.NotNull(actual);
                break;
            default:
                Assert.True(JsonNode.DeepEquals(shown, actual), $"{where}\nanswered {actual?.ToJsonString() ?? "null"}, not {shown?.ToJsonString() ?? "null"}");
                break;
        }
    }

    [GeneratedRegex("\\$BROKER/api/v1(?<path>[^\"]*)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Address();

    [GeneratedRegex("--request (?<method>[A-Z]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Request();

    [GeneratedRegex("{[a-z]+}", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Parameter();
}
