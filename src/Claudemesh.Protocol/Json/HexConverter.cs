using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol;

/// <summary>32 bytes as 64 lower-case hexadecimal digits.</summary>
internal sealed class Hex32Converter : JsonConverter<byte[]>
{
    public const string Rule = "must be 64 lower-case hexadecimal digits";

    public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TryRead(ref reader, out byte[] value) ? value : throw new WireFormatException(Rule);

    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options)
    {
        Span<byte> hex = stackalloc byte[64];
        Convert.TryToHexStringLower(value, hex, out int written);
        writer.WriteStringValue(hex[..written]);
    }

    internal static bool TryRead(ref Utf8JsonReader reader, out byte[] value)
    {
        value = [];
        if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length != 64 || reader.ValueSpan.ContainsAnyInRange((byte)'A', (byte)'F'))
            return false;

        byte[] bytes = new byte[32];
        if (Convert.FromHexString(reader.ValueSpan, bytes, out _, out _) != OperationStatus.Done)
            return false;

        value = bytes;
        return true;
    }
}

/// <summary>A public key as 64 lower-case hexadecimal digits.</summary>
internal sealed class PublicKeyConverter : JsonConverter<PublicKey>
{
    public override PublicKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Span<char> hex = stackalloc char[PublicKey.HexLength];
        if (reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length == PublicKey.HexLength && !reader.ValueIsEscaped
            && reader.CopyString(hex) == PublicKey.HexLength && PublicKey.TryParse(hex, out PublicKey key))
            return key;

        throw new WireFormatException(Hex32Converter.Rule);
    }

    public override void Write(Utf8JsonWriter writer, PublicKey value, JsonSerializerOptions options)
    {
        Span<byte> hex = stackalloc byte[PublicKey.HexLength];
        Convert.TryToHexStringLower(value.Span, hex, out _);
        writer.WriteStringValue(hex);
    }
}

/// <summary>A digest as 64 lower-case hexadecimal digits.</summary>
internal sealed class DigestConverter : JsonConverter<Digest>
{
    public override Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Hex32Converter.TryRead(ref reader, out byte[] value) ? new Digest(value) : throw new WireFormatException(Hex32Converter.Rule);

    public override void Write(Utf8JsonWriter writer, Digest value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
