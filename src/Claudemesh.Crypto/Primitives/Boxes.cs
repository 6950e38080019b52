// crypto_box after key agreement and crypto_secretbox: XSalsa20-Poly1305, key 32, nonce 24, output = MAC 16 ‖ text.
// Sealed box: output = ephemeral public 32 ‖ MAC 16 ‖ text, nonce = BLAKE2b-24(ephemeral ‖ recipient).

using Claudemesh.Crypto.Sodium;
using Claudemesh.Protocol;

namespace Claudemesh.Crypto;

/// <summary>XSalsa20-Poly1305 under a shared key: <c>crypto_box_easy</c> with a box key, <c>crypto_secretbox_easy</c> with any other.</summary>
public static class SecretBox
{
    public const int KeySize = 32;
    public const int NonceSize = 24;
    public const int Overhead = 16;

    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> text)
    {
        Length.Require(key, KeySize);
        Length.Require(nonce, NonceSize);
        byte[] sealedText = new byte[text.Length + Overhead];
        Native.crypto_secretbox_easy(sealedText, text, (ulong)text.Length, nonce, key);
        return sealedText;
    }

    /// <summary>False, and the buffer untouched or zero, when this key did not write it or a bit has changed.</summary>
    /// <param name="text">Exactly <see cref="Overhead"/> bytes shorter than <paramref name="sealedText"/>.</param>
    public static bool TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedText, Span<byte> text)
    {
        Length.Require(key, KeySize);
        if (nonce.Length != NonceSize || sealedText.Length < Overhead)
            return false;

        Length.Require(text, sealedText.Length - Overhead);
        return Native.crypto_secretbox_open_easy(text, sealedText, (ulong)sealedText.Length, nonce, key) == 0;
    }

    public static bool TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedText, out byte[]? text)
    {
        text = sealedText.Length < Overhead ? null : new byte[sealedText.Length - Overhead];
        if (text is not null && !TryOpen(key, nonce, sealedText, text))
            text = null;
        return text is not null;
    }
}

/// <summary>A box to a public key that says nothing of who sealed it.</summary>
public static class SealedBox
{
    public const int Overhead = 48;

    /// <summary>Seals to the X25519 form of a member, device or invite key; false when the key has none.</summary>
    public static bool TrySeal(PublicKey recipient, ReadOnlySpan<byte> text, out byte[]? box)
    {
        Span<byte> x25519 = stackalloc byte[X25519.Size];
        box = X25519.TryFromEd25519(recipient, x25519) ? Seal(x25519, text) : null;
        return box is not null;
    }

    /// <summary>Seals to an X25519 public key as it is.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> x25519, ReadOnlySpan<byte> text)
    {
        Length.Require(x25519, X25519.Size);
        byte[] box = new byte[text.Length + Overhead];
        Native.crypto_box_seal(box, text, (ulong)text.Length, x25519);
        return box;
    }

    public static bool TryOpen(SigningKey recipient, ReadOnlySpan<byte> box, out SecretBytes? text)
    {
        text = null;
        Span<byte> x25519 = stackalloc byte[X25519.Size];
        if (box.Length < Overhead || !X25519.TryFromEd25519(recipient.Public, x25519))
            return false;

        SecretBytes opened = new(box.Length - Overhead);
        if (Native.crypto_box_seal_open(opened.Writable, box, (ulong)box.Length, x25519, recipient.X25519Secret) == 0)
            text = opened;
        else
            opened.Dispose();
        return text is not null;
    }
}
