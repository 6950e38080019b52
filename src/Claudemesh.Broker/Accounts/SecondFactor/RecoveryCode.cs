using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Claudemesh.Crypto;

namespace Claudemesh.Broker.Accounts.SecondFactor;

/// <summary>
/// A code on paper, good once in place of the authenticator: <c>abcd-efgh-jkmn-pqrs</c>, 80 bits, so that its plain hash may be kept. It does not print.
/// </summary>
internal readonly struct RecoveryCode : IEquatable<RecoveryCode>
{
    public const int CountOfSet = 10;

    private const int Letters = 16;
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    private readonly string letters;

    private RecoveryCode(string letters) => this.letters = letters;

    public static RecoveryCode Generate()
    {
        Span<byte> random = stackalloc byte[Letters];
        RandomBytes.Fill(random);
        Span<char> made = stackalloc char[Letters];
        for (int i = 0; i < Letters; i++)
            made[i] = Alphabet[random[i] & 31];

        CryptographicOperations.ZeroMemory(random);
        return new RecoveryCode(new string(made));
    }

    /// <summary>As people type it: in either case, with or without the dashes, i and l for 1, o for 0.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out RecoveryCode code)
    {
        code = default;
        StringBuilder read = new(Letters);
        foreach (char typed in text ?? "")
        {
            char letter = char.ToLowerInvariant(typed) switch { 'i' or 'l' => '1', 'o' => '0', char other => other };
            if (letter is '-' or ' ')
                continue;
            if (read.Length == Letters || !Alphabet.Contains(letter, StringComparison.Ordinal))
                return false;

            read.Append(letter);
        }

        if (read.Length != Letters)
            return false;

        code = new RecoveryCode(read.ToString());
        return true;
    }

    /// <summary>What is kept of it.</summary>
    public byte[] Hash() => SHA256.HashData(Encoding.ASCII.GetBytes(letters));

    /// <summary>The text, for the one answer that tells it.</summary>
    public string Reveal() => string.Join('-', letters.Chunk(4).Select(static group => new string(group)));

    public override string ToString() => "a recovery code";

    public bool Equals(RecoveryCode other) => string.Equals(letters, other.letters, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is RecoveryCode other && Equals(other);

    public override int GetHashCode() => letters.GetHashCode(StringComparison.Ordinal);
}
