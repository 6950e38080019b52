using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <summary>Each route of the document that the broker serves, asked as the document says, answers as the document says.</summary>
public sealed class OpenApiWalkTests
{
    [Fact]
    public async Task Every_route_of_the_document_answers_as_it_says()
    {
        await using OpenApiWalk walk = await OpenApiWalk.StartAsync();
        JsonObject document = await DocumentAsync(walk.Mesh.Broker);
        JsonCheck check = new(document);
        List<string> faults = [];
        HashSet<string> walked = new(StringComparer.Ordinal);

        foreach (WalkStep step in walk.Steps)
        {
            walked.Add($"{step.Method} {step.FullPath}");
            if (document["paths"]![step.FullPath]?[step.Method.ToLowerInvariant()] is not JsonObject operation)
                faults.Add($"{step.Method} {step.Path}: the document does not have it");
            else
                faults.AddRange((await AskAsync(walk, step, operation, check)).Select(fault => $"{step.Method} {step.Path}: {fault}"));
        }

        // What sends a browser from page to page is walked by the tests of who sends it.
        faults.AddRange(OpenApiDocumentTests.Operations(document)
            .Where(one => one.Operation["responses"]!["302"] is null)
            .Select(one => $"{one.Method} {one.Path}")
            .Where(route => !walked.Contains(route))
            .Select(route => $"{route}: nobody asks it here; give it a step"));
        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }

    [Fact]
    public async Task Every_route_that_takes_a_key_refuses_who_has_none_in_the_form_that_the_document_says()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        JsonObject document = await DocumentAsync(broker);
        JsonCheck check = new(document);
        JsonObject problem = new() { ["$ref"] = "#/components/schemas/Problem" };

        foreach ((string method, string path, JsonObject operation) in OpenApiDocumentTests.Operations(document).Where(one => one.Operation["security"]!.AsArray().Count > 0))
        {
            using HttpRequestMessage request = new(HttpMethod.Parse(method), path.Replace('{', 'a').Replace('}', 'a'));
            if (operation.ContainsKey("requestBody"))
                request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
            RestAnswer answer = await RestAnswer.ReadAsync(await broker.Http.SendAsync(request));
            string missing = operation["security"]!.AsArray()[0]!.AsObject().ContainsKey("key") ? "api_key_missing" : "sign_in_required";
            Assert.Equal((401, missing), (answer.Status, answer.Code));
            Assert.Empty(check.FindFaults(answer.Body, problem));
            JsonNode refused = operation["responses"]!["401"]!;
            refused = refused["$ref"] is { } reference ? JsonCheck.Resolve(document, (string)reference!)! : refused;
            Assert.Contains(missing, refused["x-codes"]!.AsArray().Select(code => (string)code!));
        }
    }

    private static async Task<JsonObject> DocumentAsync(TestBroker broker) =>
        (JsonObject)JsonNode.Parse(await broker.Http.GetStringAsync(new Uri("/openapi.json", UriKind.Relative)))!;

    private static async Task<IEnumerable<string>> AskAsync(OpenApiWalk walk, WalkStep step, JsonObject operation, JsonCheck check)
    {
        using HttpRequestMessage request = new(HttpMethod.Parse(step.Method), walk.Fill(step.FullAt));
        string? body = step.Body is null ? null : walk.Fill(step.Body());
        List<string> faults = [];
        if (body is not null)
        {
            bool isForm = operation["requestBody"]?["content"]?["application/x-www-form-urlencoded"] is not null;
            request.Content = new StringContent(body, Encoding.UTF8, isForm ? "application/x-www-form-urlencoded" : "application/json");
            if (operation["requestBody"]?["content"]?["application/json"]?["schema"] is JsonObject given)
                faults.AddRange(check.FindFaults(JsonNode.Parse(body), given, "body"));
            else if (!isForm)
                faults.Add("the document says nothing of a body");
        }

        using HttpResponseMessage response = await walk.HttpOf(step).SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        string status = ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (status[0] != '2' || operation["responses"]![status] is not JsonObject documented)
            return [.. faults, $"answered {status}, which is no good answer of the document's: {await response.Content.ReadAsStringAsync()}"];
        if (documented["content"]?.AsObject().First() is not { } content)
            return response.Content.Headers.ContentLength is null or 0 ? faults : [.. faults, "answered a body, of which the document says nothing"];
        if (response.Content.Headers.ContentType?.MediaType != content.Key)
            return [.. faults, $"answered {response.Content.Headers.ContentType}, not {content.Key}"];
        if (content.Key is "text/event-stream")
            return faults;

        JsonNode answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        step.Keep?.Invoke(walk, answer);
        return [.. faults, .. check.FindFaults(answer, content.Value!["schema"]!.AsObject())];
    }
}
