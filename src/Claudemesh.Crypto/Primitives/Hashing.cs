// SHA-256: 32 bytes, FIPS 180-4. HMAC-SHA256: key 32, tag 32, RFC 2104. HKDF-SHA256: RFC 5869.

using System.Text;
using Claudemesh.Crypto.Sodium;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

public static class Sha256
{
    public const int Size = 32;

    public static void Hash(ReadOnlySpan<byte> input, Span<byte> hash)
    {
        Length.Require(hash, Size);
        Native.crypto_hash_sha256(hash, input, (ulong)input.Length);
    }

    public static Digest Hash(ReadOnlySpan<byte> input)
    {
        Span<byte> hash = stackalloc byte[Size];
        Hash(input, hash);
        return new Digest(hash);
    }

    /// <summary>The hash of a text's UTF-8 bytes.</summary>
    public static Digest Hash(string text) => Hash(Encoding.UTF8.GetBytes(text));

    public static Digest Hash<T>(in T text)
        where T : ISignable
    {
        using SignedBytes bytes = Texts.Write(text, stackalloc byte[Texts.StackBytes]);
        return Hash(bytes.Written);
    }
}

public static class HmacSha256
{
    public const int Size = 32;

    public static void Compute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> tag)
    {
        Length.Require(key, Size);
        Length.Require(tag, Size);
        Native.crypto_auth_hmacsha256(tag, input, (ulong)input.Length, key);
    }
}

public static class HkdfSha256
{
    private const int PrkSize = 32;
    private const int OutputBytesMax = 255 * 32;

    public static void Derive(ReadOnlySpan<byte> ikm, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, Span<byte> output)
    {
        if (output.Length is 0 or > OutputBytesMax)
            throw new ArgumentException("HKDF-SHA256 gives 1 to 8160 bytes.", nameof(output));

        Span<byte> prk = stackalloc byte[PrkSize];
        Native.crypto_kdf_hkdf_sha256_extract(prk, salt, (nuint)salt.Length, ikm, (nuint)ikm.Length);
        Native.crypto_kdf_hkdf_sha256_expand(output, (nuint)output.Length, info, (nuint)info.Length, prk);
        Native.sodium_memzero(prk, PrkSize);
    }
}

public static class ConstantTime
{
    /// <summary>Compares in a time that says nothing of where the first difference is. Different lengths are different.</summary>
    public static bool Equal(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left.Length == right.Length && (left.IsEmpty || Native.sodium_memcmp(left, right, (nuint)left.Length) == 0);
}
