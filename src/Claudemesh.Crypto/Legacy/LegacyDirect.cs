// 1.x direct messages, wire reference 5.2: crypto_box_easy under the X25519 forms of two Ed25519 keys, nonce 24. Output = MAC 16 ‖ text.

using System.Text;
using Claudemesh.Crypto.Sodium;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>Written only to members that the log calls <c>legacy</c>, read from everybody. Binds nothing but the two keys.</summary>
public static class LegacyDirect
{
    /// <param name="pairs">Of the key that the broker will show as <c>senderPubkey</c>: the session's on a session socket.</param>
    public static bool TrySeal(PairKeys pairs, PublicKey recipient, string text, out byte[]? nonce, out byte[]? ciphertext)
    {
        nonce = RandomBytes.Next(SecretBox.NonceSize);
        ciphertext = null;
        Span<byte> key = stackalloc byte[SecretBox.KeySize];
        if (!pairs.TryCopyBoxKey(recipient, key))
            return false;

        ciphertext = SecretBox.Seal(key, nonce, Encoding.UTF8.GetBytes(text));
        Native.sodium_memzero(key, SecretBox.KeySize);
        return true;
    }

    /// <summary>False when this pair of keys did not write it, a bit has changed, or it holds no UTF-8 text.</summary>
    public static bool TryOpen(PairKeys pairs, PublicKey sender, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> ciphertext, out string? text)
    {
        text = null;
        Span<byte> key = stackalloc byte[SecretBox.KeySize];
        if (!pairs.TryCopyBoxKey(sender, key))
            return false;

        bool opens = SecretBox.TryOpen(key, nonce, ciphertext, out byte[]? bytes);
        Native.sodium_memzero(key, SecretBox.KeySize);
        if (!opens || !System.Text.Unicode.Utf8.IsValid(bytes))
            return false;

        text = Encoding.UTF8.GetString(bytes!);
        return true;
    }
}

/// <summary>1.x topic keys: <c>sender X25519 public 32 ‖ crypto_box_easy(topic key 32) 48</c>, nonce apart (wire reference 5.5).</summary>
public static class LegacyTopicKey
{
    public const int BlobSize = X25519.Size + SecretBox.KeySize + SecretBox.Overhead;

    public static bool TrySeal(SigningKey sealer, PublicKey recipient, ReadOnlySpan<byte> topicKey, ReadOnlySpan<byte> nonce, out byte[]? blob)
    {
        blob = null;
        Span<byte> sender = stackalloc byte[X25519.Size];
        Span<byte> key = stackalloc byte[SecretBox.KeySize];
        if (!X25519.TryFromEd25519(sealer.Public, sender) || !X25519.TryBoxKey(sealer, recipient, key))
            return false;

        blob = [.. sender, .. SecretBox.Seal(key, nonce, topicKey)];
        Native.sodium_memzero(key, SecretBox.KeySize);
        return true;
    }

    /// <summary>Opens a copy that anybody may have sealed: the blob names its own sender key.</summary>
    public static bool TryOpen(SigningKey recipient, ReadOnlySpan<byte> blob, ReadOnlySpan<byte> nonce, out SecretBytes? topicKey)
    {
        topicKey = null;
        Span<byte> key = stackalloc byte[SecretBox.KeySize];
        if (blob.Length != BlobSize || !X25519.TryBoxKey(recipient.X25519Secret, blob[..X25519.Size], key))
            return false;

        SecretBytes opened = new(SecretBox.KeySize);
        if (SecretBox.TryOpen(key, nonce, blob[X25519.Size..], opened.Writable))
            topicKey = opened;
        else
            opened.Dispose();
        Native.sodium_memzero(key, SecretBox.KeySize);
        return topicKey is not null;
    }
}
