using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Claudemesh.Broker.Accounts.Devices;

/// <summary>
/// A secret that is used once: a device code, or what the page carries to the machine over 127.0.0.1. The base64url of 32 random bytes; it exists
/// here until it has been told, and for the length of a request, and does not print.
/// </summary>
internal readonly struct OneTimeCode : IEquatable<OneTimeCode>
{
    public const int Length = 43;

    private const int RandomSize = 32;

    private readonly string text;

    private OneTimeCode(string text) => this.text = text;

    public static OneTimeCode Generate()
    {
        Span<byte> random = stackalloc byte[RandomSize];
        RandomNumberGenerator.Fill(random);
        OneTimeCode code = new(Base64Url.EncodeToString(random));
        CryptographicOperations.ZeroMemory(random);
        return code;
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out OneTimeCode code)
    {
        bool isOne = text is { Length: Length } && Base64Url.IsValid(text);
        code = isOne ? new OneTimeCode(text!) : default;
        return isOne;
    }

    /// <summary>What is kept of it and what it is found by: its SHA-256.</summary>
    public byte[] Hash()
    {
        Span<byte> utf8 = stackalloc byte[Length];
        Encoding.ASCII.GetBytes(text, utf8);
        return SHA256.HashData(utf8);
    }

    public bool IsOf(byte[] hash) => CryptographicOperations.FixedTimeEquals(Hash(), hash);

    /// <summary>The text, for the one answer that tells it.</summary>
    public string Reveal() => text;

    public override string ToString() => "a one-time code";

    public bool Equals(OneTimeCode other) => string.Equals(text, other.text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is OneTimeCode other && Equals(other);

    public override int GetHashCode() => text.GetHashCode(StringComparison.Ordinal);
}
