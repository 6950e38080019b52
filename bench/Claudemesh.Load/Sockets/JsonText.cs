namespace Claudemesh.Load.Sockets;

/// <summary>
/// Finds texts in frames without parsing them. Good for frames whose values are ids, keys and base64: a quote inside a value is
/// escaped in JSON, so <c>"name":"</c> occurs only where that member begins.
/// </summary>
internal static class JsonText
{
    /// <summary>The value of a member that is a text; empty when it is absent.</summary>
    /// <param name="opening">The member as it begins: <c>"name":"</c>.</param>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> json, ReadOnlySpan<byte> opening)
    {
        int at = json.IndexOf(opening);
        if (at < 0)
            return default;

        ReadOnlySpan<byte> value = json[(at + opening.Length)..];
        int end = value.IndexOf((byte)'"');
        return end < 0 ? default : value[..end];
    }

    public static ReadOnlySpan<byte> Type(ReadOnlySpan<byte> json)
    {
        // Where it is first, as it mostly is, nothing has to be searched.
        ReadOnlySpan<byte> first = "{\"type\":\""u8;
        if (!json.StartsWith(first))
            return Find(json, "\"type\":\""u8);

        ReadOnlySpan<byte> value = json[first.Length..];
        int end = value.IndexOf((byte)'"');
        return end < 0 ? default : value[..end];
    }
}
