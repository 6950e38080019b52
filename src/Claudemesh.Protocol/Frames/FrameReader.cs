using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Claudemesh.Protocol;

/// <summary>Reads the records of messages and HTTP bodies; what is wrong comes back as a refusal that names the field and the rule.</summary>
public static class FrameReader
{
    /// <summary>Reads a frame that <see cref="FrameHead.TryScan(ReadOnlySpan{byte}, out FrameHead)"/> has accepted.</summary>
    public static bool TryRead<T>(
        ReadOnlySpan<byte> utf8,
        [NotNullWhen(true)] out T? message,
        [NotNullWhen(false)] out MeshError? refusal)
        where T : class, IMessage =>
        TryRead(utf8, ProtocolJson.TypeInfo<T>(), T.WireType, out message, out refusal);

    /// <summary>Reads the body of an HTTP request. It need not have been checked before.</summary>
    public static bool TryReadBody<T>(
        ReadOnlySpan<byte> utf8,
        [NotNullWhen(true)] out T? body,
        [NotNullWhen(false)] out MeshError? refusal)
        where T : class =>
        TryRead(utf8, ProtocolJson.TypeInfo<T>(), "body", out body, out refusal);

    /// <summary>Which of its limits a message breaks that was not read but put together of checked types; null when it keeps them all.</summary>
    public static MeshError? FindFault<T>(T message)
        where T : class =>
        (message as ILimited)?.FindFault() is { } fault ? MeshError.InvalidArgs.With($"The request is invalid: {fault}.") : null;

    private static bool TryRead<T>(
        ReadOnlySpan<byte> utf8,
        JsonTypeInfo<T> typeInfo,
        string what,
        [NotNullWhen(true)] out T? message,
        [NotNullWhen(false)] out MeshError? refusal)
        where T : class
    {
        message = null;
        refusal = null;
        string? fault;
        try
        {
            message = JsonSerializer.Deserialize(utf8, typeInfo);
            fault = message is null ? "must be an object, not null" : (message as ILimited)?.FindFault();
        }
        catch (JsonException wrong)
        {
            fault = Describe(wrong, utf8, typeInfo);
        }

        if (fault is null && message is not null)
            return true;

        message = null;
        refusal = MeshError.InvalidArgs.With($"The {what} is invalid: {fault}.");
        return false;
    }

    private static string Describe(JsonException wrong, ReadOnlySpan<byte> utf8, JsonTypeInfo typeInfo)
    {
        string field = wrong.Path is { Length: > 2 } path ? path[2..] : "";
        if (wrong is WireFormatException broken)
            return $"{field} {broken.Rule}";

        if (field.Length == 0 && FindMissing(utf8, typeInfo) is { Length: > 0 } missing)
            return $"{missing} must be given";

        return field.Length == 0 ? "it is not JSON of the documented form" : $"{field} is missing, null, given twice or of the wrong type";
    }

    private static string FindMissing(ReadOnlySpan<byte> utf8, JsonTypeInfo typeInfo)
    {
        HashSet<string> required = [.. typeInfo.Properties.Where(property => property.IsRequired).Select(property => property.Name)];
        try
        {
            Utf8JsonReader reader = new(utf8);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return "";

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                required.Remove(reader.GetString()!);
                reader.Skip();
            }
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            return "";
        }

        return string.Join(", ", required.Order(StringComparer.Ordinal));
    }
}
