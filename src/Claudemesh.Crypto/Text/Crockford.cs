// Base32 after Crockford: bits from the most significant, zeros at the end, no check character. Reads i and l as 1, o as 0, either case.

namespace Claudemesh.Crypto;

internal static class Crockford
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int BitsPerCharacter = 5;

    internal static int EncodedLength(int byteCount) => (byteCount * 8 + BitsPerCharacter - 1) / BitsPerCharacter;

    /// <summary>Writes the first <paramref name="bitCount"/> bits.</summary>
    internal static string Encode(ReadOnlySpan<byte> bytes, int bitCount)
    {
        Span<char> text = stackalloc char[(bitCount + BitsPerCharacter - 1) / BitsPerCharacter];
        for (int i = 0; i < text.Length; i++)
        {
            int value = 0;
            for (int bit = i * BitsPerCharacter; bit < (i + 1) * BitsPerCharacter; bit++)
                value = (value << 1) | (bit < bitCount ? (bytes[bit / 8] >> (7 - bit % 8)) & 1 : 0);
            text[i] = Alphabet[value];
        }

        return new string(text);
    }

    /// <summary>Reads exactly the bits that fit; spaces and hyphens are skipped. False for another character, a bit that should be zero, or another length.</summary>
    internal static bool TryDecode(ReadOnlySpan<char> text, int bitCount, Span<byte> bytes)
    {
        bytes.Clear();
        int at = 0;
        foreach (char c in text)
        {
            if (c is ' ' or '-')
                continue;

            int value = ValueOf(c);
            if (value < 0)
                return false;

            for (int i = BitsPerCharacter - 1; i >= 0; i--, at++)
            {
                int bit = (value >> i) & 1;
                if (at < bitCount)
                    bytes[at / 8] |= (byte)(bit << (7 - at % 8));
                else if (bit != 0 || at >= bitCount + BitsPerCharacter)
                    return false;
            }
        }

        return at >= bitCount && at < bitCount + BitsPerCharacter;
    }

    private static int ValueOf(char c) => char.ToUpperInvariant(c) switch
    {
        'I' or 'L' => 1,
        'O' => 0,
        char upper => Alphabet.IndexOf(upper, StringComparison.Ordinal),
    };
}
