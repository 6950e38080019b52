using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <summary>The document as a page for people: no script, no style of its own in it, nothing from elsewhere.</summary>
internal sealed class DocsPage
{
    private readonly StringBuilder html = new();
    private readonly JsonObject document;

    private DocsPage(JsonObject document) => this.document = document;

    public static string Of(JsonObject document)
    {
        DocsPage page = new(document);
        page.Write();
        return page.html.ToString();
    }

    private void Write()
    {
        JsonNode info = document["info"]!;
        Line("<!doctype html>");
        Line("<html lang=\"en\">");
        Line("<head>");
        Line("<meta charset=\"utf-8\">");
        Line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        Line("<meta name=\"color-scheme\" content=\"light dark\">");
        Line("<title>claudemesh: the REST API</title>");
        Line("<link rel=\"stylesheet\" href=\"/docs/docs.css\">");
        Line("</head>");
        Line("<body>");
        Line("<a class=\"skip\" href=\"#routes\">Skip to the routes</a>");
        Line("<header>");
        Line("<h1>claudemesh <small>REST API</small></h1>");
        Line($"<p>{Text(info["summary"])}</p>");
        foreach (string sentence in ((string)info["description"]!).Split(". "))
            Line($"<p>{WebUtility.HtmlEncode(sentence.TrimEnd('.'))}.</p>");
        Line("<p>For programs: <a href=\"/openapi.json\">openapi.json</a>. Below, <code>$BROKER</code> is this broker's address and <code>$KEY</code> an API key.</p>");
        Line("</header>");
        WriteIndex();
        Line("<main id=\"routes\">");
        foreach (var tag in OpenApiDocumentTests.Operations(document).GroupBy(one => (string)one.Operation["tags"]![0]!, StringComparer.Ordinal))
        {
            Line($"<section aria-labelledby=\"tag-{tag.Key}\">");
            Line($"<h2 id=\"tag-{tag.Key}\">{tag.Key}</h2>");
            foreach ((string method, string path, JsonObject operation) in tag)
                WriteOperation(method, path, operation);
            Line("</section>");
        }

        WriteSchemas();
        Line("</main>");
        Line("</body>");
        Line("</html>");
    }

    private void WriteIndex()
    {
        Line("<nav aria-label=\"Routes\">");
        foreach (var tag in OpenApiDocumentTests.Operations(document).GroupBy(one => (string)one.Operation["tags"]![0]!, StringComparer.Ordinal))
        {
            Line("<details>");
            Line($"<summary>{tag.Key}</summary>");
            Line("<ul>");
            foreach ((string method, string path, JsonObject operation) in tag)
                Line($"<li><a href=\"#{operation["operationId"]}\"><b class=\"{method.ToLowerInvariant()}\">{method}</b> {Path(path)}</a></li>");
            Line("</ul>");
            Line("</details>");
        }

        Line("<p><a href=\"#records\">records</a></p>");
        Line("</nav>");
    }

    private void WriteOperation(string method, string path, JsonObject operation)
    {
        Line($"<article id=\"{operation["operationId"]}\">");
        Line($"<h3><b class=\"{method.ToLowerInvariant()}\">{method}</b> <code>{Path(path)}</code></h3>");
        Line($"<p>{Text(operation["summary"])}</p>");
        Line($"<p class=\"note\">{Text(operation["description"])}</p>");
        Line($"<pre tabindex=\"0\"><code>{WebUtility.HtmlEncode(CurlLine.Of(document, method, path, operation))}</code></pre>");
        if (operation["parameters"] is JsonArray parameters)
        {
            Rows("Parameters", ["name", "in", ""], parameters.Select(parameter => (string[])
                [$"<code>{Text(parameter!["name"])}</code>", Text(parameter["in"]), Text(parameter["description"])]));
        }

        if (operation["requestBody"] is { } body)
            Line($"<p>Body: {Type(SchemaOf(body)!)}</p>");
        foreach ((string status, JsonNode? response) in operation["responses"]!.AsObject().Where(one => one.Key[0] is '2' or '3'))
            Line($"<p>{status}: {(SchemaOf(response!) is { } schema && schema.ContainsKey("$ref") ? Type(schema) : Text(response!["description"]))}</p>");
        Line("<details>");
        Line("<summary>Refusals</summary>");
        Rows(null, ["status", "code", ""], operation["responses"]!.AsObject().Where(one => one.Key[0] is '4' or '5').SelectMany(one =>
            Resolved(one.Value!)["x-codes"]!.AsArray().Select(code => (string[])
                [one.Key, $"<code>{Text(code)}</code>", Text(document["components"]!["x-refusals"]![(string)code!]!["detail"])])));
        Line("</details>");
        Line("</article>");
    }

    private void WriteSchemas()
    {
        Line("<section aria-labelledby=\"records\">");
        Line("<h2 id=\"records\">records</h2>");
        foreach ((string name, JsonNode? schema) in document["components"]!["schemas"]!.AsObject())
        {
            Line($"<article id=\"{name}\">");
            Line($"<h3>{name}</h3>");
            if (schema!["description"] is { } what)
                Line($"<p>{Text(what)}</p>");
            if (schema["enum"] is JsonArray words)
                Line($"<p>One of {string.Join(", ", words.Select(word => $"<code>{Text(word)}</code>"))}.</p>");
            if (schema["properties"] is JsonObject properties)
            {
                HashSet<string> required = [.. (schema["required"] as JsonArray ?? []).Select(field => (string)field!)];
                Rows(null, ["field", "type", ""], properties.Select(property => (string[])
                    [$"<code>{property.Key}{(required.Contains(property.Key) ? "" : "?")}</code>", Type(property.Value!.AsObject()), Text(property.Value["description"])]));
            }

            Line("</article>");
        }

        Line("</section>");
    }

    private void Rows(string? caption, string[] heads, IEnumerable<string[]> rows)
    {
        Line("<div class=\"wide\"><table>");
        if (caption is not null)
            Line($"<caption>{caption}</caption>");
        Line($"<thead><tr>{string.Concat(heads.Select(head => head.Length == 0 ? "<td></td>" : $"<th scope=\"col\">{head}</th>"))}</tr></thead>");
        Line("<tbody>");
        foreach (string[] row in rows)
            Line($"<tr>{string.Concat(row.Select(cell => $"<td>{cell}</td>"))}</tr>");
        Line("</tbody>");
        Line("</table></div>");
    }

    private JsonNode Resolved(JsonNode response) => response["$ref"] is { } reference ? JsonCheck.Resolve(document, (string)reference!)! : response;

    private static JsonObject? SchemaOf(JsonNode message) => (message["content"] as JsonObject)?.First().Value!["schema"]!.AsObject();

    private static string Type(JsonObject schema) => schema switch
    {
        { } when schema["$ref"] is { } reference => Record(((string)reference!).Split('/')[^1]),
        { } when schema["oneOf"] is JsonArray choices => string.Join(" or ", choices.Select(choice => Type(choice!.AsObject()))),
        { } when schema["items"] is JsonObject items => $"list of {Type(items)}",
        { } when schema["type"] is JsonArray types => string.Join(" or ", types.Select(Text)),
        { } when schema["contentEncoding"] is not null => "base64",
        { } when schema["format"] is { } format && (string?)format is "date-time" => "time",
        { } when schema["type"] is { } type => Text(type),
        _ => "any",
    };

    private static string Record(string name) => $"<a href=\"#{name}\">{name}</a>";

    private static string Path(string path) => WebUtility.HtmlEncode(path).Replace("{", "<i>{", StringComparison.Ordinal).Replace("}", "}</i>", StringComparison.Ordinal);

    private static string Text(JsonNode? text) => WebUtility.HtmlEncode((string?)text ?? "");

    private void Line(string text) => html.Append(text).Append('\n');
}
