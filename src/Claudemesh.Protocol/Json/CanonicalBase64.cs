using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Claudemesh.Protocol;

/// <summary>
/// RFC 4648 base64, standard alphabet, padded, and canonical: no white space, and the unused bits of the last digit are zero. Two texts for the
/// same bytes would let one signed or fingerprinted body have two forms.
/// </summary>
internal static class CanonicalBase64
{
    public const string Rule = "must be standard base64 with padding, in its canonical form";

    public static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out byte[]? value)
    {
        value = null;
        if (text.Length % 4 != 0)
            return false;

        if (text.IsEmpty)
        {
            value = [];
            return true;
        }

        int padding = text[^1] != (byte)'=' ? 0 : text[^2] != (byte)'=' ? 1 : 2;
        byte[] bytes = new byte[text.Length / 4 * 3 - padding];

        // The framework skips white space; then fewer bytes come out than the length says.
        if (Base64.DecodeFromUtf8(text, bytes, out int consumed, out int written) != OperationStatus.Done
            || consumed != text.Length || written != bytes.Length)
            return false;

        if (padding > 0)
        {
            Span<byte> lastDigits = stackalloc byte[4];
            Base64.EncodeToUtf8(bytes.AsSpan(bytes.Length - (3 - padding)), lastDigits, out _, out _);
            if (!lastDigits.SequenceEqual(text[^4..]))
                return false;
        }

        value = bytes;
        return true;
    }

    public static bool TryRead(ref Utf8JsonReader reader, [NotNullWhen(true)] out byte[]? value)
    {
        value = null;
        if (reader.TokenType != JsonTokenType.String)
            return false;

        if (!reader.ValueIsEscaped)
            return TryDecode(reader.ValueSpan, out value);

        // "\/" is legal JSON for "/".
        byte[] unescaped = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            return TryDecode(unescaped.AsSpan(0, reader.CopyString(unescaped)), out value);
        }
        catch (InvalidOperationException)
        {
            // A lone half of a surrogate pair.
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(unescaped);
        }
    }
}
