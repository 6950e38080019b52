using System.Buffers.Text;

namespace Claudemesh.Crypto;

/// <summary>
/// What follows the <c>#</c> of our links: a version, a point, bytes in base64url without padding. Browsers never send it to a server.
/// </summary>
internal static class SecretFragment
{
    internal static string Write(string version, ReadOnlySpan<byte> value) => version + Base64Url.EncodeToString(value);

    /// <summary>Reads exactly what <see cref="Write"/> writes: one text for the bytes, and no other.</summary>
    internal static bool TryRead(ReadOnlySpan<char> fragment, string version, Span<byte> value)
    {
        if (!fragment.StartsWith(version, StringComparison.Ordinal))
            return false;

        // The framework throws for a character that is not of the alphabet, and forgives spaces, padding and bits that do not count.
        ReadOnlySpan<char> text = fragment[version.Length..];
        return text.Length == Base64Url.GetEncodedLength(value.Length)
            && Base64Url.IsValid(text)
            && Base64Url.TryDecodeFromChars(text, value, out int count)
            && count == value.Length
            && text.SequenceEqual(Base64Url.EncodeToString(value));
    }
}
