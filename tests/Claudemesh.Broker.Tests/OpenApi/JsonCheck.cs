using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <summary>Checks a value against a schema of the document, as far as the document makes use of JSON Schema; what it does not know it refuses.</summary>
internal sealed class JsonCheck(JsonObject document)
{
    private static readonly string[] Known = ["$ref", "type", "properties", "required", "items", "enum", "oneOf", "pattern", "format", "contentEncoding", "description", "minimum"];

    public static JsonNode? Resolve(JsonObject document, string reference) =>
        reference[2..].Split('/').Aggregate((JsonNode?)document, (node, part) => node?[part]);

    /// <summary>What is wrong, each with its place; nothing where the value is as the schema says. A property that the schema does not have is wrong too.</summary>
    public IEnumerable<string> FindFaults(JsonNode? value, JsonObject schema, string at = "$")
    {
        foreach ((string word, _) in schema)
        {
            if (!Known.Contains(word, StringComparer.Ordinal))
                yield return $"{at}: the schema has {word}, which is not checked here";
        }

        if (schema["$ref"] is { } reference)
        {
            foreach (string fault in FindFaults(value, Resolve(document, (string)reference!)!.AsObject(), at))
                yield return fault;
            yield break;
        }

        if (schema["oneOf"] is JsonArray choices)
        {
            if (choices.Count(choice => !FindFaults(value, choice!.AsObject(), at).Any()) != 1)
                yield return $"{at}: fits not exactly one of the choices";
            yield break;
        }

        if (schema["type"] is { } type && !Types(type).Any(one => Is(value, one)))
        {
            yield return $"{at}: is {value?.ToJsonString() ?? "null"}, not {type.ToJsonString()}";
            yield break;
        }

        foreach (string fault in value switch
        {
            JsonObject properties => FindFaults(properties, schema, at),
            JsonArray items when schema["items"] is JsonObject each => items.SelectMany((item, index) => FindFaults(item, each, string.Create(CultureInfo.InvariantCulture, $"{at}[{index}]"))),
            JsonValue text => FindFaults(text, schema, at),
            _ => [],
        })
            yield return fault;
    }

    private IEnumerable<string> FindFaults(JsonObject value, JsonObject schema, string at)
    {
        foreach (JsonNode? name in schema["required"] as JsonArray ?? [])
        {
            if (!value.ContainsKey((string)name!))
                yield return $"{at}: lacks {name}";
        }

        if (schema["properties"] is not JsonObject properties)
            yield break;

        foreach ((string name, JsonNode? child) in value)
        {
            IEnumerable<string> faults = properties[name] is JsonObject known ? FindFaults(child, known, $"{at}.{name}") : [$"{at}: has {name}, of which the document says nothing"];
            foreach (string fault in faults)
                yield return fault;
        }
    }

    private static IEnumerable<string> FindFaults(JsonValue value, JsonObject schema, string at)
    {
        if (schema["enum"] is JsonArray words && !words.Any(word => JsonNode.DeepEquals(word, value)))
            yield return $"{at}: {value.ToJsonString()} is none of {words.ToJsonString()}";
        if (schema["pattern"] is { } pattern && !Regex.IsMatch((string)value!, (string)pattern!, RegexOptions.None, TimeSpan.FromSeconds(5)))
            yield return $"{at}: {value.ToJsonString()} is not of the form {pattern}";
        if ((string?)schema["format"] is "date-time" && !value.TryGetValue(out DateTimeOffset _))
            yield return $"{at}: {value.ToJsonString()} is no time";
        if (schema["contentEncoding"] is not null && !IsBase64(value))
            yield return $"{at}: {value.ToJsonString()} is not base64";
    }

    private static bool IsBase64(JsonValue value) => value.TryGetValue(out string? text) && Convert.TryFromBase64String(text, new byte[text.Length], out _);

    private static IEnumerable<string> Types(JsonNode type) => type is JsonArray several ? several.Select(one => (string)one!) : [(string)type!];

    private static bool Is(JsonNode? value, string type) => (type, value?.GetValueKind()) switch
    {
        ("null", null or JsonValueKind.Null) or ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String)
            or ("boolean", JsonValueKind.True or JsonValueKind.False) or ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => value!.AsValue().TryGetValue(out long _),
        _ => false,
    };
}
