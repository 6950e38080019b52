using System.Diagnostics.CodeAnalysis;
using Claudemesh.Crypto;

namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>
/// What a person carries from the new machine to one that he has: eight letters without vowels and without those that look alike (RFC 8628 6.1),
/// 34 bits, good for ten minutes. It names a request and opens nothing.
/// </summary>
internal readonly record struct UserCode
{
    private const string Alphabet = "BCDFGHJKLMNPQRSTVWXZ";
    private const int Letters = 8;
    private const int TypedCharsMax = 20;

    private UserCode(string value) => Value = value;

    /// <summary>As it is shown and signed: <c>BCDF-GHJK</c>.</summary>
    public string Value { get; }

    public static UserCode Generate()
    {
        Span<char> letters = stackalloc char[Letters];
        Span<byte> random = stackalloc byte[4 * Letters];
        int filled = 0;
        while (filled < Letters)
        {
            RandomBytes.Fill(random);
            foreach (byte value in random)
            {
                // 240 is the largest multiple of 20: the bytes above it would make some letters likelier.
                if (value < 240 && filled < Letters)
                    letters[filled++] = Alphabet[value % Alphabet.Length];
            }
        }

        return Of(letters);
    }

    /// <summary>Reads what a person types: in either case, with or without the hyphen.</summary>
    public static bool TryParse([NotNullWhen(true)] string? typed, out UserCode code)
    {
        code = default;
        if (typed is not { Length: <= TypedCharsMax })
            return false;

        Span<char> letters = stackalloc char[Letters];
        int filled = 0;
        foreach (char c in typed)
        {
            if (c is '-' or ' ')
                continue;
            if (filled == Letters || !Alphabet.Contains(char.ToUpperInvariant(c), StringComparison.Ordinal))
                return false;

            letters[filled++] = char.ToUpperInvariant(c);
        }

        if (filled < Letters)
            return false;

        code = Of(letters);
        return true;
    }

    public override string ToString() => Value;

    private static UserCode Of(ReadOnlySpan<char> letters) => new($"{letters[..4]}-{letters[4..]}");
}
