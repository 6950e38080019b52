using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Claudemesh.Cli.Output;

/// <summary>What a verb prints with <c>--json</c>: a record's fields, after <c>schema_version</c>.</summary>
/// <param name="Type">The record.</param>
/// <param name="List">The field that holds the rows, where the record is a list: <c>--json=a,b</c> then chooses fields of the rows.</param>
internal sealed record JsonShape(JsonTypeInfo Type, string? List = null)
{
    /// <summary>Rises when a field goes or changes its meaning; new fields may come at any time.</summary>
    public const string SchemaVersion = "1.0";

    /// <summary>The fields among which <c>--json=a,b</c> chooses.</summary>
    public IReadOnlyList<string> Fields
    {
        get
        {
            JsonTypeInfo chosen = Type;
            if (List is not null)
            {
                Type rows = Type.Properties.First(property => string.Equals(property.Name, List, StringComparison.Ordinal)).PropertyType;
                chosen = Type.Options.GetTypeInfo(Type.Options.GetTypeInfo(rows).ElementType!);
            }

            return [.. chosen.Properties.Select(property => property.Name)];
        }
    }

    public void Write(Stream output, object value, JsonFields fields, bool indented)
    {
        using JsonDocument document = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(value, Type));
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        writer.WriteStartObject();
        writer.WriteString("schema_version", SchemaVersion);
        if (List is null && fields.Names is not null)
            WriteChosen(writer, document.RootElement, fields.Names);
        else
            WriteAll(writer, document.RootElement, fields);

        writer.WriteEndObject();
    }

    private void WriteAll(Utf8JsonWriter writer, JsonElement record, JsonFields fields)
    {
        foreach (JsonProperty property in record.EnumerateObject())
        {
            if (fields.Names is null || !property.NameEquals(List))
            {
                property.WriteTo(writer);
                continue;
            }

            writer.WriteStartArray(property.Name);
            foreach (JsonElement row in property.Value.EnumerateArray())
            {
                writer.WriteStartObject();
                WriteChosen(writer, row, fields.Names);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }
    }

    // A field that was asked for is always there, so that a script can tell "none" from a misspelt name.
    private static void WriteChosen(Utf8JsonWriter writer, JsonElement record, IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            writer.WritePropertyName(name);
            if (record.TryGetProperty(name, out JsonElement value))
                value.WriteTo(writer);
            else
                writer.WriteNullValue();
        }
    }
}
