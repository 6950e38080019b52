using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Claudemesh.Broker.ApiKeys;

/// <summary>
/// A key's secret: <c>cm_</c> and the base64url of 32 random bytes, 46 characters (rest reference 1.1). It exists here from its making until it has
/// been told, and for the length of a request; it does not print.
/// </summary>
internal readonly struct ApiKeySecret : IEquatable<ApiKeySecret>
{
    public const int Length = 46;
    public const int PrefixLength = 11;

    private const string Start = "cm_";
    private const int RandomSize = 32;

    private readonly string text;

    private ApiKeySecret(string text) => this.text = text;

    /// <summary>The beginning, which lists show.</summary>
    public string Prefix => text[..PrefixLength];

    public static ApiKeySecret Generate()
    {
        Span<byte> random = stackalloc byte[RandomSize];
        RandomNumberGenerator.Fill(random);
        ApiKeySecret secret = new(Start + Base64Url.EncodeToString(random));
        CryptographicOperations.ZeroMemory(random);
        return secret;
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out ApiKeySecret secret)
    {
        bool isOne = text is { Length: Length } && text.StartsWith(Start, StringComparison.Ordinal) && Base64Url.IsValid(text.AsSpan(Start.Length));
        secret = isOne ? new ApiKeySecret(text!) : default;
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

    public override string ToString() => "an API key";

    public bool Equals(ApiKeySecret other) => string.Equals(text, other.text, StringComparison.Ordinal);

    public override bool Equals(object? obj) => obj is ApiKeySecret other && Equals(other);

    public override int GetHashCode() => text.GetHashCode(StringComparison.Ordinal);
}
