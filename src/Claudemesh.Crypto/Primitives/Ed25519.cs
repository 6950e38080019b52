// Ed25519: seed 32, secret 64 (seed ‖ public), public 32, signature 64. RFC 8032, libsodium's cofactorless check.
// One rule for signatures and keys, keys.md 1: a public key must be canonical, not of small order and inside the main subgroup;
// with such a key the cofactorless equation also holds R to the subgroup, which is what the browser's check asks for.

using Claudemesh.Crypto.Sodium;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

public static class Ed25519
{
    public const int SignatureSize = 64;
    public const int SeedSize = 32;
    public const int SecretSize = 64;

    // Checking a key costs as much as a signature. The cache is bounded: a slot holds one key, a collision replaces it.
    private static readonly KeyMemo<bool> Accepted = new(slots: 4096);

    /// <summary>Whether a key is one that our side and the browsers read alike. Remembered, so asking again is cheap.</summary>
    public static bool IsAcceptable(PublicKey key)
    {
        if (Accepted.TryFind(key, out bool acceptable))
            return acceptable;

        acceptable = Native.crypto_core_ed25519_is_valid_point(key.Span) == 1;
        Accepted.Keep(key, acceptable);
        return acceptable;
    }

    /// <summary>False for a wrong signature, a signature of another length, and a key that is not acceptable.</summary>
    public static bool Verify(PublicKey key, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureSize
        && IsAcceptable(key)
        && Native.crypto_sign_verify_detached(signature, message, (ulong)message.Length, key.Span) == 0;

    /// <summary>False also when a value of the text has no encoding, an id of another form for instance.</summary>
    public static bool Verify<T>(PublicKey key, in T text, ReadOnlySpan<byte> signature)
        where T : ISignable
    {
        SignedBytes bytes = new(stackalloc byte[Texts.StackBytes]);
        try
        {
            text.WriteTo(ref bytes);
            return bytes.IsWellFormed && Verify(key, bytes.Written, signature);
        }
        finally
        {
            bytes.Dispose();
        }
    }
}
