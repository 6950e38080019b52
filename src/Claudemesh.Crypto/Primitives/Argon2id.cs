// Argon2id v1.3, RFC 9106: salt 16, one lane (libsodium knows no other).

using Claudemesh.Crypto.Sodium;

namespace Claudemesh.Crypto;

/// <summary>For passwords only: every other secret of the product has at least 128 bits and needs no slow hash.</summary>
public static class Argon2id
{
    public const int SaltSize = 16;

    private const int Argon2id13 = 2;
    private const int MemoryBytesMin = 8192;

    /// <exception cref="InsufficientMemoryException">The memory that was asked for is not to be had.</exception>
    public static void Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int passes, int memoryBytes, Span<byte> output)
    {
        Length.Require(salt, SaltSize);
        ArgumentOutOfRangeException.ThrowIfLessThan(passes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(memoryBytes, MemoryBytesMin);
        ArgumentOutOfRangeException.ThrowIfLessThan(output.Length, 16);

        int result = Native.crypto_pwhash(
            output, (ulong)output.Length, password, (ulong)password.Length, salt, (ulong)passes, (nuint)memoryBytes, Argon2id13);
        if (result != 0)
            throw new InsufficientMemoryException("Argon2id could not get its memory.");
    }
}
