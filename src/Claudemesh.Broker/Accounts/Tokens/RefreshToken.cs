using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Claudemesh.Broker.Accounts.Tokens;

/// <summary>
/// By what a login session gets its next access token: <c>cmr_</c> and the base64url of 32 random bytes, 47 characters. Of the bytes the first
/// half is the session's own and the same in all its tokens; the second is new in each. So a token of any age is known for one of its session
/// without that any but the last two are kept. It exists here until it has been told, and for the length of a request; it does not print.
/// </summary>
internal readonly struct RefreshToken : IEquatable<RefreshToken>
{
    public const int Length = 47;

    private const string Start = "cmr_";
    private const int FamilySize = 16;
    private const int Size = 32;

    private readonly string text;

    private RefreshToken(string text) => this.text = text;

    /// <summary>The first of a session.</summary>
    public static RefreshToken Begin()
    {
        Span<byte> bytes = stackalloc byte[Size];
        RandomNumberGenerator.Fill(bytes);
        return Take(bytes);
    }

    /// <summary>Another of the same session.</summary>
    public RefreshToken Next()
    {
        Span<byte> bytes = stackalloc byte[Size];
        Base64Url.DecodeFromChars(text.AsSpan(Start.Length), bytes);
        RandomNumberGenerator.Fill(bytes[FamilySize..]);
        return Take(bytes);
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out RefreshToken token)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bool isOne = text is { Length: Length } && text.StartsWith(Start, StringComparison.Ordinal)
            && Base64Url.IsValid(text.AsSpan(Start.Length), out int size) && size == Size
            && Base64Url.DecodeFromChars(text.AsSpan(Start.Length), bytes) == Size;

        // The last character has bits to spare: of the texts for the same bytes one is the token.
        token = isOne ? Take(bytes) : default;
        isOne = isOne && string.Equals(token.text, text, StringComparison.Ordinal);
        if (!isOne)
            token = default;
        return isOne;
    }

    /// <summary>SHA-256 of what all tokens of the session have in common: what it is found by.</summary>
    public byte[] FamilyHash()
    {
        Span<byte> bytes = stackalloc byte[Size];
        Base64Url.DecodeFromChars(text.AsSpan(Start.Length), bytes);
        byte[] hash = SHA256.HashData(bytes[..FamilySize]);
        CryptographicOperations.ZeroMemory(bytes);
        return hash;
    }

    /// <summary>SHA-256 of this very token.</summary>
    public byte[] Hash()
    {
        Span<byte> utf8 = stackalloc byte[Length];
        Encoding.ASCII.GetBytes(text, utf8);
        return SHA256.HashData(utf8);
    }

    /// <summary>The text, for the one answer that tells it.</summary>
    public string Reveal() => text;

    public override string ToString() => "a refresh token";

    public bool Equals(RefreshToken other) => string.Equals(text, other.text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is RefreshToken other && Equals(other);

    public override int GetHashCode() => text.GetHashCode(StringComparison.Ordinal);

    private static RefreshToken Take(Span<byte> bytes)
    {
        RefreshToken token = new(Start + Base64Url.EncodeToString(bytes));
        CryptographicOperations.ZeroMemory(bytes);
        return token;
    }
}
