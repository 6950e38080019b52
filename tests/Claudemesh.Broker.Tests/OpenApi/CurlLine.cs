using System.Text.Json.Nodes;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <summary>A line for a shell that asks for an operation, with what it needs and no more; what is to be filled in stands in capitals.</summary>
internal static class CurlLine
{
    public static string Of(JsonObject document, string method, string path, JsonObject operation)
    {
        List<string> words = ["curl"];
        if (IsStream(operation))
            words.Add("-N");
        if (method is not "GET" && !(method is "POST" && operation.ContainsKey("requestBody")))
            words.Add($"-X {method}");
        if (operation["security"]!.AsArray().Count > 0)
            words.Add("-H \"Authorization: Bearer $KEY\"");
        if (operation["requestBody"]?["content"]?["application/json"]?["schema"] is JsonObject body)
            words.Add($"--json '{Sample(document, body).ToJsonString()}'");
        words.Add($"\"$BROKER{string.Join('/', path.Split('/').Select(part => part.StartsWith('{') ? part.Trim('{', '}').ToUpperInvariant() : part))}\"");
        return string.Join(' ', words);
    }

    private static bool IsStream(JsonObject operation) => operation["responses"]!["200"]?["content"]?.AsObject().ContainsKey("text/event-stream") is true;

    private static JsonNode Sample(JsonObject document, JsonObject schema)
    {
        if (schema["$ref"] is { } reference)
            return Sample(document, JsonCheck.Resolve(document, (string)reference!)!.AsObject());
        if (schema["enum"] is JsonArray words)
            return words[0]!.DeepClone();

        switch ((string?)(schema["type"] is JsonArray types ? types[0] : schema["type"]))
        {
            case "object":
                JsonObject sample = [];
                foreach (JsonNode? field in schema["required"] as JsonArray ?? [])
                    sample[(string)field!] = Sample(document, schema["properties"]![(string)field!]!.AsObject());
                return sample;
            case "array":
                return new JsonArray(Sample(document, schema["items"]!.AsObject()));
            case "integer":
                return JsonValue.Create(1);
            case "boolean":
                return JsonValue.Create(true);
            case "string":
                return JsonValue.Create(schema switch
                {
                    { } when schema["contentEncoding"] is not null => "BASE64",
                    { } when schema["pattern"] is not null => "HEX",
                    { } when (string?)schema["format"] is "date-time" => "TIME",
                    _ => "TEXT",
                });
            default:
                return JsonValue.Create("ANY");
        }
    }
}
