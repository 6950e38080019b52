using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Claudemesh.Protocol;

/// <summary>
/// Reads and writes an enum as its one lower-case word (<c>ControlPlane</c> is <c>control-plane</c>, unless the member says otherwise). Unlike the
/// framework's converter it takes neither numbers nor another case, because an original client would not either.
/// </summary>
internal sealed class WordConverter<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] TEnum> : JsonConverter<TEnum>
    where TEnum : struct, Enum
{
    private static readonly TEnum[] Values = Enum.GetValues<TEnum>();
    private static readonly JsonEncodedText[] Words =
        [.. Values.Select(value => JsonEncodedText.Encode(WordOf(value)))];

    public override TEnum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            for (int index = 0; index < Words.Length; index++)
            {
                if (reader.ValueTextEquals(Words[index].EncodedUtf8Bytes))
                    return Values[index];
            }
        }

        throw new WireFormatException($"must be one of {string.Join(", ", Words.Select(word => word.Value))}");
    }

    public override void Write(Utf8JsonWriter writer, TEnum value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Words[Array.IndexOf(Values, value)]);

    private static string WordOf(TEnum value) =>
        typeof(TEnum).GetField(value.ToString())?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name
        ?? JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
