using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Claudemesh.Crypto;

namespace Claudemesh.Broker.Accounts.SignIn;

/// <summary>A secret of 32 random bytes that travels in a link or an answer and is kept as its hash. It does not print.</summary>
internal readonly struct OneTimeToken : IEquatable<OneTimeToken>
{
    public const int Length = 43;

    private const int RandomSize = 32;

    private readonly string text;

    private OneTimeToken(string text) => this.text = text;

    public static OneTimeToken Generate() => new(Base64Url.EncodeToString(RandomBytes.Next(RandomSize)));

    public static bool TryParse([NotNullWhen(true)] string? text, out OneTimeToken token)
    {
        bool isOne = text is { Length: Length } && Base64Url.IsValid(text);
        token = isOne ? new OneTimeToken(text!) : default;
        return isOne;
    }

    /// <summary>What is kept of it and what it is found by.</summary>
    public byte[] Hash() => HashOf(text);

    public static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    /// <summary>The same in hexadecimal, of a text that somebody says is one.</summary>
    public static string MarkOf(string text) => Convert.ToHexStringLower(HashOf(text));

    /// <summary>The text, for the one place that tells it.</summary>
    public string Reveal() => text;

    public override string ToString() => "a one-time token";

    public bool Equals(OneTimeToken other) => string.Equals(text, other.text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is OneTimeToken other && Equals(other);

    public override int GetHashCode() => text.GetHashCode(StringComparison.Ordinal);
}
