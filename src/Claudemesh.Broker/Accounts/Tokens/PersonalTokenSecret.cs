using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Claudemesh.Broker.Accounts.Tokens;

/// <summary>
/// A personal token's secret: <c>cmp_</c> and the base64url of 32 random bytes, 47 characters. It exists here from its making until it has been told,
/// and for the length of a request; it does not print.
/// </summary>
internal readonly struct PersonalTokenSecret : IEquatable<PersonalTokenSecret>
{
    public const string Start = "cmp_";
    public const int Length = 47;
    public const int PrefixLength = 12;

    private const int RandomSize = 32;

    private readonly string text;

    private PersonalTokenSecret(string text) => this.text = text;

    /// <summary>The beginning, which lists show.</summary>
    public string Prefix => text[..PrefixLength];

    public static PersonalTokenSecret Generate()
    {
        Span<byte> random = stackalloc byte[RandomSize];
        RandomNumberGenerator.Fill(random);
        PersonalTokenSecret secret = new(Start + Base64Url.EncodeToString(random));
        CryptographicOperations.ZeroMemory(random);
        return secret;
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out PersonalTokenSecret secret)
    {
        bool isOne = text is { Length: Length } && text.StartsWith(Start, StringComparison.Ordinal) && Base64Url.IsValid(text.AsSpan(Start.Length));
        secret = isOne ? new PersonalTokenSecret(text!) : default;
        return isOne;
    }

    /// <summary>What is kept of it and what it is found by: its SHA-256.</summary>
    public byte[] Hash()
    {
        Span<byte> utf8 = stackalloc byte[Length];
        Encoding.ASCII.GetBytes(text, utf8);
        return SHA256.HashData(utf8);
    }

    /// <summary>The text, for the one answer that tells it.</summary>
    public string Reveal() => text;

    public override string ToString() => "a personal token";

    public bool Equals(PersonalTokenSecret other) => string.Equals(text, other.text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is PersonalTokenSecret other && Equals(other);

    public override int GetHashCode() => text.GetHashCode(StringComparison.Ordinal);
}
