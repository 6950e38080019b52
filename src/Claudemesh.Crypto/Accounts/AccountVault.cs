// keys.md 10: blob = nonce 24 ‖ AEAD(HKDF(account secret, user_id, "claudemesh/account/self"), nonce, text, aad = T("claudemesh/vault/1", user_id, version)).

using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>What an account's devices know together, sealed so that the broker keeps it and cannot read it, nor give an older one for a newer.</summary>
public static class AccountVault
{
    /// <summary>Of the sealed bytes.</summary>
    public const int BytesMax = 1024 * 1024;

    public const int Overhead = XChaCha20Poly1305.NonceSize + XChaCha20Poly1305.Overhead;

    public static byte[] Seal(AccountSecret account, string userId, long version, ReadOnlySpan<byte> text)
    {
        using SecretBytes key = account.DeriveVaultKey(userId);
        return XChaCha20Poly1305.SealWithNonce(key.Expose(), text, SignedBytes.Of(new VaultText(userId, version)));
    }

    /// <summary>False for another account, another version, or a bit that has changed.</summary>
    public static bool TryOpen(AccountSecret account, string userId, long version, ReadOnlySpan<byte> blob, out SecretBytes? text)
    {
        text = null;
        if (!WireId.IsValid(userId) || version is < 1 or > SignedBytes.NumberMax)
            return false;

        using SecretBytes key = account.DeriveVaultKey(userId);
        return XChaCha20Poly1305.TryOpenWithNonce(key.Expose(), blob, SignedBytes.Of(new VaultText(userId, version)), out text);
    }

    internal static byte[] Seal(AccountSecret account, string userId, long version, ReadOnlySpan<byte> text, ReadOnlySpan<byte> fixedNonce)
    {
        using SecretBytes key = account.DeriveVaultKey(userId);
        return XChaCha20Poly1305.SealWithNonce(key.Expose(), fixedNonce, text, SignedBytes.Of(new VaultText(userId, version)));
    }
}
