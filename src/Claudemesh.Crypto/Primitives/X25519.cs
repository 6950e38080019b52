// X25519: secret 32, public 32, RFC 7748. Public keys come from Ed25519 ones by the birational map; points that are of small order
// or outside the main subgroup have no conversion. crypto_box key = HSalsa20(X25519(secret, public), 0), 32 bytes.

using Claudemesh.Crypto.Sodium;
using Claudemesh.Protocol;

namespace Claudemesh.Crypto;

public static class X25519
{
    public const int Size = 32;

    private static readonly KeyMemo<PublicKey?> Converted = new(slots: 4096);

    /// <summary>The X25519 form of an Ed25519 public key, remembered; false when it has none.</summary>
    public static bool TryFromEd25519(PublicKey ed25519, Span<byte> x25519)
    {
        Length.Require(x25519, Size);
        if (!Converted.TryFind(ed25519, out PublicKey? known))
        {
            Span<byte> fresh = stackalloc byte[Size];
            bool converts = Ed25519.IsAcceptable(ed25519)
                && Native.crypto_sign_ed25519_pk_to_curve25519(fresh, ed25519.Span) == 0;
            known = converts ? new PublicKey(fresh) : null;
            Converted.Keep(ed25519, known);
        }

        if (known is not { } key)
            return false;

        key.Span.CopyTo(x25519);
        return true;
    }

    public static void PublicOf(ReadOnlySpan<byte> secret, Span<byte> publicKey)
    {
        Length.Require(secret, Size);
        Length.Require(publicKey, Size);
        Native.crypto_scalarmult_base(publicKey, secret);
    }

    /// <summary>The box key of two converted keys; the same from both sides. False for a public key that has no conversion.</summary>
    public static bool TryBoxKey(SigningKey own, PublicKey other, Span<byte> boxKey)
    {
        Span<byte> x25519 = stackalloc byte[Size];
        return TryFromEd25519(other, x25519) && TryBoxKey(own.X25519Secret, x25519, boxKey);
    }

    internal static bool TryBoxKey(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> publicKey, Span<byte> boxKey)
    {
        Length.Require(secret, Size);
        Length.Require(publicKey, Size);
        Length.Require(boxKey, Size);
        return Native.crypto_box_beforenm(boxKey, publicKey, secret) == 0;
    }
}
