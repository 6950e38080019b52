using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>A time as <c>2026-11-23T05:30:17.002Z</c>: UTC and exactly three digits of a second, as original clients write and compare it.</summary>
internal sealed class InstantConverter : JsonConverter<DateTimeOffset>
{
    internal const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
    internal const int Length = 24;

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || !reader.TryGetDateTimeOffset(out DateTimeOffset value))
            throw new WireFormatException("must be a time such as 2026-11-23T05:30:17.002Z");

        return value.ToUniversalTime();
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[Length];
        writer.WriteStringValue(Encode(value, text));
    }

    internal static ReadOnlySpan<byte> Encode(DateTimeOffset value, Span<byte> text)
    {
        value.ToUniversalTime().TryFormat(text, out int written, Format, CultureInfo.InvariantCulture);
        return text[..written];
    }
}
