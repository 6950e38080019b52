using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <summary>
/// The records of requests and answers as JSON Schema 2020-12: which properties there are and must be is what the product's own JSON says, what they
/// mean is what their doc comments say. The framework's exporter knows nothing of what a converter of ours writes, and nearly every value has one.
/// </summary>
internal sealed class OpenApiSchemas(DocComments comments)
{
    private static readonly NullabilityInfoContext Nullability = new();

    private readonly SortedDictionary<string, JsonObject> components = new(StringComparer.Ordinal);

    public JsonObject Components
    {
        get
        {
            JsonObject all = [];
            foreach ((string name, JsonObject schema) in components)
                all[name] = schema.DeepClone();
            return all;
        }
    }

    /// <summary>A reference to a record, which is put among the components with all that it is made of.</summary>
    public JsonObject Refer(Type type)
    {
        string name = type.Name;
        if (components.TryAdd(name, []))
            components[name] = type.IsEnum ? Words(type) : Record(type);
        return new JsonObject { ["$ref"] = "#/components/schemas/" + name };
    }

    private JsonObject Record(Type type)
    {
        JsonTypeInfo info = ProtocolJson.Default.GetTypeInfo(type)
            ?? throw new InvalidOperationException($"{type.Name} is not in {nameof(ProtocolJson)}.");
        Dictionary<string, PropertyInfo> members = type.GetProperties()
            .ToDictionary(member => member.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(member.Name), StringComparer.Ordinal);
        JsonObject properties = [];
        JsonArray required = [];
        foreach (JsonPropertyInfo property in info.Properties)
        {
            PropertyInfo member = members[property.Name];
            JsonObject schema = Property(member);
            if (comments.FindParameter(type, member.Name) is { } what)
                schema["description"] = what;
            properties[property.Name] = schema;
            if (property.IsRequired && (IsWrittenWhenNull(member) || !IsNullable(member)))
                required.Add((JsonNode)property.Name);
        }

        JsonObject record = new() { ["type"] = "object" };
        if (comments.FindSummary(type) is { } summary)
            record["description"] = summary;
        record["properties"] = properties;
        if (required.Count > 0)
            record["required"] = required;
        return record;
    }

    private JsonObject Property(PropertyInfo member)
    {
        JsonObject schema = member.GetCustomAttribute<JsonConverterAttribute>() is null ? Value(member.PropertyType) : Hex("32 bytes");
        return IsWrittenWhenNull(member) && IsNullable(member) ? OrNull(schema) : schema;
    }

    /// <summary>Other nulls are left out.</summary>
    private static bool IsWrittenWhenNull(PropertyInfo member) => member.GetCustomAttribute<JsonIgnoreAttribute>()?.Condition is JsonIgnoreCondition.Never;

    private static bool IsNullable(PropertyInfo member) =>
        Nullable.GetUnderlyingType(member.PropertyType) is not null || Nullability.Create(member).ReadState is NullabilityState.Nullable;

    private static JsonObject OrNull(JsonObject schema)
    {
        if (schema.ContainsKey("$ref"))
            return new JsonObject { ["oneOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
        if (schema["type"] is { } type)
            schema["type"] = new JsonArray(type.DeepClone(), "null");
        return schema;
    }

    private JsonObject Value(Type given)
    {
        Type type = Nullable.GetUnderlyingType(given) ?? given;
        return type switch
        {
            _ when type == typeof(string) => new JsonObject { ["type"] = "string" },
            _ when type == typeof(bool) => new JsonObject { ["type"] = "boolean" },
            _ when type == typeof(int) => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
            _ when type == typeof(long) => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
            _ when type == typeof(double) => new JsonObject { ["type"] = "number", ["format"] = "double" },
            _ when type == typeof(DateTimeOffset) => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            _ when type == typeof(byte[]) => new JsonObject { ["type"] = "string", ["format"] = "byte", ["contentEncoding"] = "base64" },
            _ when type == typeof(PublicKey) || type == typeof(Digest) => Hex("32 bytes"),
            _ when type == typeof(JsonElement) => new JsonObject { ["description"] = "Any JSON." },
            _ when type.IsArray => new JsonObject { ["type"] = "array", ["items"] = Value(type.GetElementType()!) },
            _ when type.GetInterfaces().Any(static door => door.IsGenericType && door.GetGenericTypeDefinition() == typeof(IWireText<>)) =>
                new JsonObject { ["type"] = "string", ["description"] = Sentence((string)type.GetProperty("Rule")!.GetValue(null)!) },
            _ when type.IsEnum || type.Namespace?.StartsWith("Claudemesh.Protocol", StringComparison.Ordinal) is true => Refer(type),
            _ => throw new InvalidOperationException($"Nobody has said what the schema of {type} is."),
        };
    }

    private static JsonObject Hex(string what) => new()
    {
        ["type"] = "string", ["pattern"] = "^[0-9a-f]{64}$", ["description"] = $"{Sentence(what)[..^1]} as 64 lower-case hexadecimal digits.",
    };

    private JsonObject Words(Type type)
    {
        JsonArray words = [.. Enum.GetValues(type).Cast<object>().Select(value => JsonNode.Parse(JsonSerializer.Serialize(value, ProtocolJson.Default.GetTypeInfo(type)!)))];
        JsonObject schema = new() { ["type"] = "string", ["enum"] = words };
        if (comments.FindSummary(type) is { } summary)
            schema["description"] = summary;
        return schema;
    }

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..].TrimEnd('.') + ".";
}
