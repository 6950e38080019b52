using System.Text;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging;

/// <summary>
/// The bytes under which a client id is stored: 16 for a UUID in its usual form, so that ours grow at one edge of the
/// index, and the text itself for whatever else a 1.x client chose. A text of 16 bytes gets a zero before it, so that each
/// form says which it is.
/// </summary>
internal static class ClientIds
{
    /// <summary>The longest text in UTF-8.</summary>
    public const int TextBytesMax = 4 * WireLimits.ClientIdCharsMax;

    private const int UuidSize = 16;
    private const int UuidChars = 36;

    public static byte[] Bytes(string text)
    {
        if (text.Length == UuidChars && Guid.TryParseExact(text, "D", out Guid uuid) && !text.AsSpan().ContainsAnyInRange('A', 'F'))
            return uuid.ToByteArray(bigEndian: true);

        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        return utf8.Length == UuidSize ? [0, .. utf8] : utf8;
    }

    /// <summary>The text again, in UTF-8; empty when there is none.</summary>
    public static ReadOnlySpan<byte> Write(ClientKey? key, Span<byte> destination)
    {
        if (key is null)
            return [];

        ReadOnlySpan<byte> bytes = key.Id;
        if (bytes.Length == UuidSize)
        {
            new Guid(bytes, bigEndian: true).TryFormat(destination, out int length);
            return destination[..length];
        }

        return bytes.Length == UuidSize + 1 && bytes[0] == 0 ? bytes[1..] : bytes;
    }

    public static string Text(ClientKey? key) => Encoding.UTF8.GetString(Write(key, stackalloc byte[TextBytesMax]));
}
