using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Objects;

/// <summary>What is in a memory, between its parts and its JSON. Letters of all scripts are written as they are, so that a text takes the room it has.</summary>
internal static class MemoryBody
{
    private static readonly ObjectColumns Json = new(new JsonSerializerOptions(ObjectColumns.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static MessageBody Write(string text, string[] tags) =>
        new(MessageBody.TypeJson, JsonSerializer.Serialize(new MemoryText(text, tags), Json.MemoryText));

    public static MemoryText? TryRead(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, Json.MemoryText) is { Text: not null, Tags: { } tags } memory && !Array.Exists(tags, tag => tag is null) ? memory : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static string WriteTags(string[] tags) => JsonSerializer.Serialize(tags, Json.StringArray);

    public static string[] ReadTags(string column) => JsonSerializer.Deserialize(column, Json.StringArray)!;
}

/// <summary>The columns and bodies that hold JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(MemoryText))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class ObjectColumns : JsonSerializerContext;
