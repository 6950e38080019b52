using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Claudemesh.Broker.Rest;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <summary>The document and the page that the broker serves are those of its table of routes.</summary>
public sealed class OpenApiDocumentTests
{
    /// <summary>Set to write the files anew; then read what changed in them.</summary>
    private const string AcceptVariable = "CLAUDEMESH_ACCEPT_GOLDEN";

    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    [Fact]
    public async Task The_document_says_what_the_table_says()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        JsonObject document = OpenApiDocument.Of(broker.Services.GetRequiredService<RestRoutes>());

        Matches("docs/openapi.json", document.ToJsonString(Layout) + "\n");
        Matches("src/Claudemesh.Broker/Documents/docs.html", DocsPage.Of(document));
    }

    [Fact]
    public async Task Each_operation_has_a_name_of_its_own_and_each_reference_leads_somewhere()
    {
        await using TestBroker broker = await TestBroker.StartAsync();
        JsonObject document = OpenApiDocument.Of(broker.Services.GetRequiredService<RestRoutes>());
        string[] ids = [.. Operations(document).Select(one => (string)one.Operation["operationId"]!)];

        Assert.Equal(ids.Distinct(StringComparer.Ordinal), ids);
        Assert.All(References(document), reference => Assert.NotNull(JsonCheck.Resolve(document, reference)));
    }

    internal static IEnumerable<(string Method, string Path, JsonObject Operation)> Operations(JsonObject document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        select (operation.Key.ToUpperInvariant(), path.Key, operation.Value!.AsObject());

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject parent => parent.SelectMany(child => child.Key == "$ref" ? [(string)child.Value!] : References(child.Value)),
        JsonArray list => list.SelectMany(References),
        _ => [],
    };

    private static void Matches(string name, string actual, [CallerFilePath] string caller = "")
    {
        string file = Path.Combine(Path.GetDirectoryName(caller)!, "../../..", name);
        if (Environment.GetEnvironmentVariable(AcceptVariable) is { Length: > 0 })
            File.WriteAllText(file, actual);

        Assert.True(File.Exists(file), $"There is no {name} yet; {AcceptVariable}=1 writes it.");
        Assert.True(File.ReadAllText(file) == actual, $"{name} is not what the table of routes says; {AcceptVariable}=1 writes it anew. Then build the broker again, which serves it.");
    }
}
