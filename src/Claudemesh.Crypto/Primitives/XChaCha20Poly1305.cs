// XChaCha20-Poly1305 (IETF): key 32, nonce 24 random bytes, tag 16 at the end. draft-irtf-cfrg-xchacha-03.
// It does not commit to its key: whatever is sealed under a derived key names that key in its associated data (root_id).

using Claudemesh.Crypto.Sodium;

namespace Claudemesh.Crypto;

public static class XChaCha20Poly1305
{
    public const int KeySize = 32;
    public const int NonceSize = 24;
    public const int Overhead = 16;

    public static void Seal(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> text, ReadOnlySpan<byte> associated, Span<byte> sealedText)
    {
        Length.Require(key, KeySize);
        Length.Require(nonce, NonceSize);
        Length.Require(sealedText, text.Length + Overhead);
        Native.crypto_aead_xchacha20poly1305_ietf_encrypt(
            sealedText, 0, text, (ulong)text.Length, associated, (ulong)associated.Length, 0, nonce, key);
    }

    /// <summary>False when key, nonce, text or associated data are not those of sealing, in any bit.</summary>
    /// <param name="text">Exactly <see cref="Overhead"/> bytes shorter than <paramref name="sealedText"/>.</param>
    public static bool TryOpen(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedText, ReadOnlySpan<byte> associated, Span<byte> text)
    {
        Length.Require(key, KeySize);
        if (nonce.Length != NonceSize || sealedText.Length < Overhead)
            return false;

        Length.Require(text, sealedText.Length - Overhead);
        return Native.crypto_aead_xchacha20poly1305_ietf_decrypt(
            text, 0, 0, sealedText, (ulong)sealedText.Length, associated, (ulong)associated.Length, nonce, key) == 0;
    }

    /// <summary>Seals under a fresh nonce: <c>nonce 24 ‖ sealed</c>, the form of links, packages, boxes and blobs.</summary>
    public static byte[] SealWithNonce(ReadOnlySpan<byte> key, ReadOnlySpan<byte> text, ReadOnlySpan<byte> associated)
    {
        Span<byte> nonce = stackalloc byte[NonceSize];
        RandomBytes.Fill(nonce);
        return SealWithNonce(key, nonce, text, associated);
    }

    public static bool TryOpenWithNonce(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonceAndSealed, ReadOnlySpan<byte> associated, out SecretBytes? text)
    {
        text = null;
        if (nonceAndSealed.Length < NonceSize + Overhead)
            return false;

        SecretBytes opened = new(nonceAndSealed.Length - NonceSize - Overhead);
        if (TryOpen(key, nonceAndSealed[..NonceSize], nonceAndSealed[NonceSize..], associated, opened.Writable))
            text = opened;
        else
            opened.Dispose();
        return text is not null;
    }

    internal static byte[] SealWithNonce(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> text, ReadOnlySpan<byte> associated)
    {
        byte[] result = new byte[NonceSize + text.Length + Overhead];
        nonce.CopyTo(result);
        Seal(key, nonce, text, associated, result.AsSpan(NonceSize));
        return result;
    }
}
