using System.Text.Json;
using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>Bytes as standard base64 with padding. Only the one canonical text of the bytes is read; see <see cref="CanonicalBase64"/>.</summary>
internal sealed class Base64Converter : JsonConverter<byte[]>
{
    public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        CanonicalBase64.TryRead(ref reader, out byte[]? value) ? value : throw new WireFormatException(CanonicalBase64.Rule);

    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) => writer.WriteBase64StringValue(value);
}
