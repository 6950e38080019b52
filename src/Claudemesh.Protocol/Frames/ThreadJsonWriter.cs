using System.Buffers;
using System.Text.Json;

namespace Claudemesh.Protocol;

/// <summary>One JSON writer per thread for frames that are written from their parts. Whoever takes it finishes before anyone else on the thread.</summary>
internal static class ThreadJsonWriter
{
    [ThreadStatic]
    private static Utf8JsonWriter? writer;

    public static Utf8JsonWriter Take(IBufferWriter<byte> to)
    {
        Utf8JsonWriter json = writer ??= new Utf8JsonWriter(to, FrameWriter.Options);
        json.Reset(to);
        return json;
    }

    /// <summary>Writes a text that is already in its JSON form, without its quotes.</summary>
    public static void WriteEscapedText(Utf8JsonWriter json, JsonEncodedText name, ReadOnlySpan<byte> text)
    {
        Span<byte> quoted = stackalloc byte[WireLimits.RequestIdBytesMax + 2];
        if (text.Length > WireLimits.RequestIdBytesMax)
            throw new ArgumentException("A request id has at most 128 bytes.", nameof(text));

        quoted[0] = (byte)'"';
        text.CopyTo(quoted[1..]);
        quoted[text.Length + 1] = (byte)'"';
        json.WritePropertyName(name);
        json.WriteRawValue(quoted[..(text.Length + 2)], skipInputValidation: true);
    }
}
