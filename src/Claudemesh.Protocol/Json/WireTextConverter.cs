using System.Text.Json;
using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>Reads and writes an <see cref="IWireText{TSelf}"/> as a JSON string; a text that breaks the rule is refused with the rule.</summary>
internal sealed class WireTextConverter<T> : JsonConverter<T>
    where T : struct, IWireText<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || !T.TryParse(reader.GetString(), out T value))
            throw new WireFormatException($"must be {T.Rule}");

        return value;
    }

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
