// keys.md 6: sig = Ed25519(member, T("claudemesh/message-sig/3", H, payload)), for objects T("claudemesh/object-sig/1", …),
// ciphertext = XChaCha20-Poly1305(key, nonce 24, pad64(sig 64 ‖ payload), aad = H), tag last.

using System.Buffers;
using Claudemesh.Crypto.Sodium;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>The one form of every body of ours: signed by its author inside, bound to its header outside.</summary>
internal static class BodySeal
{
    internal static SealedMessage Seal(
        MemberSecretKey author, ReadOnlySpan<byte> key, byte[] header, MessageBody body, string label, ReadOnlySpan<byte> fixedNonce)
    {
        byte[] payload = SignedBytes.Of(body);
        int length = Ed25519.SignatureSize + payload.Length;
        byte[] padded = ArrayPool<byte>.Shared.Rent(Padding.PaddedLength(length));
        Span<byte> text = padded.AsSpan(0, Padding.PaddedLength(length));
        try
        {
            author.Sign(new BodySignatureText(label, header, payload)).CopyTo(text);
            payload.CopyTo(text[Ed25519.SignatureSize..]);
            Padding.Pad(text, length);

            byte[] nonce = fixedNonce.IsEmpty ? RandomBytes.Next(XChaCha20Poly1305.NonceSize) : fixedNonce.ToArray();
            byte[] ciphertext = new byte[text.Length + XChaCha20Poly1305.Overhead];
            XChaCha20Poly1305.Seal(key, nonce, text, header, ciphertext);
            return new SealedMessage(header, nonce, ciphertext);
        }
        finally
        {
            Native.sodium_memzero(payload, (nuint)payload.Length);
            Native.sodium_memzero(text, (nuint)text.Length);
            ArrayPool<byte>.Shared.Return(padded);
        }
    }

    internal static MessageRefusal Open(
        ReadOnlySpan<byte> key, PublicKey author, SealedMessage message, string label, out MessageBody? body)
    {
        body = null;
        int length = message.Ciphertext.Length - XChaCha20Poly1305.Overhead;
        if (length < Padding.BlockSize)
            return MessageRefusal.DoesNotOpen;

        byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
        Span<byte> text = buffer.AsSpan(0, length);
        try
        {
            if (!XChaCha20Poly1305.TryOpen(key, message.Nonce, message.Ciphertext, message.Header, text))
                return MessageRefusal.DoesNotOpen;
            if (!Padding.TryUnpad(text, out int unpadded) || unpadded < Ed25519.SignatureSize)
                return MessageRefusal.BadPayload;

            ReadOnlyMemory<byte> payload = buffer.AsMemory(Ed25519.SignatureSize, unpadded - Ed25519.SignatureSize);
            BodySignatureText signed = new(label, message.Header, payload);
            if (!Ed25519.Verify(author, signed, text[..Ed25519.SignatureSize]))
                return MessageRefusal.BadSignature;
            return MessageBody.TryParse(payload.Span, out body) ? MessageRefusal.None : MessageRefusal.BadPayload;
        }
        finally
        {
            Native.sodium_memzero(text, (nuint)text.Length);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
