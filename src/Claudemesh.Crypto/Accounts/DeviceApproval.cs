// keys.md 7: sealed = crypto_box_seal(account secret, X25519(device)), box = nonce 24 ‖ AEAD(HKDF(s, SHA-256(A)), nonce, sealed, aad = A).

using Claudemesh.Crypto.Sodium;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>An approving device's answer to a new machine. The broker relays it and can neither read it nor put another in its place.</summary>
/// <param name="AccountSignature">By the account key over A.</param>
/// <param name="DeviceSignature">By the approving device's key over A; the two together are the new device's record.</param>
public sealed record DeviceApproval(byte[] Box, byte[] AccountSignature, byte[] DeviceSignature)
{
    private const int BoxSize = XChaCha20Poly1305.NonceSize + AccountSecret.Size + SealedBox.Overhead + XChaCha20Poly1305.Overhead;

    /// <summary>False when the new machine's key is none that anything can be sealed to.</summary>
    /// <exception cref="ArgumentException">The text names other keys than those that approve.</exception>
    public static bool TryApprove(
        AccountSecret account, SigningKey approver, PairingSecret pairing, in DeviceApprovalText text, out DeviceApproval? approval)
    {
        approval = null;
        using SigningKey accountKey = account.DeriveAccountKey(text.UserId);
        if (accountKey.Public != text.Account || approver.Public != text.ApproverDevice)
            throw new ArgumentException("The text names other keys than those that approve.", nameof(text));
        if (!SealedBox.TrySeal(text.Device, account.Expose(), out byte[]? sealedSecret))
            return false;

        byte[] a = SignedBytes.Of(text);
        Span<byte> key = stackalloc byte[XChaCha20Poly1305.KeySize];
        pairing.DeriveApprovalKey(Sha256.Hash(a).Span, key);
        byte[] box = XChaCha20Poly1305.SealWithNonce(key, sealedSecret, a);
        Native.sodium_memzero(key, XChaCha20Poly1305.KeySize);
        approval = new DeviceApproval(box, accountKey.Sign(a), approver.Sign(a));
        return true;
    }

    /// <summary>
    /// The new machine's checks: the text names its key; the box opens with what only its person passed on; the secret inside gives the
    /// account key of the text; both signatures are good. The caller compares user, code and device name with what it asked for first.
    /// False means: keep nothing.
    /// </summary>
    public bool TryOpen(SigningKey device, PairingSecret pairing, in DeviceApprovalText text, out AccountSecret? account)
    {
        account = null;
        if (device.Public != text.Device
            || Box.Length != BoxSize
            || !WireId.IsValid(text.UserId)
            || !Ed25519.Verify(text.Account, text, AccountSignature)
            || !Ed25519.Verify(text.ApproverDevice, text, DeviceSignature))
            return false;

        byte[] a = SignedBytes.Of(text);
        Span<byte> key = stackalloc byte[XChaCha20Poly1305.KeySize];
        pairing.DeriveApprovalKey(Sha256.Hash(a).Span, key);
        bool opens = XChaCha20Poly1305.TryOpenWithNonce(key, Box, a, out SecretBytes? sealedSecret);
        Native.sodium_memzero(key, XChaCha20Poly1305.KeySize);
        if (!opens)
            return false;

        using (sealedSecret)
        {
            if (!SealedBox.TryOpen(device, sealedSecret!.Expose(), out SecretBytes? secret))
                return false;

            using (secret)
                account = new AccountSecret(secret!.Expose());
        }

        using SigningKey accountKey = account.DeriveAccountKey(text.UserId);
        if (accountKey.Public == text.Account)
            return true;

        account.Dispose();
        account = null;
        return false;
    }
}
