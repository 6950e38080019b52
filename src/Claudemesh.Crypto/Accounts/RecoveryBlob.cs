// keys.md 7: "CMR1" ‖ kind ‖ nonce 24 ‖ AEAD(key, nonce, account secret 32, aad = T("claudemesh/recovery/1", …)): 77 bytes.

using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>The account secret under something that its person keeps: a printed key or a passkey. The broker stores the blob.</summary>
public static class RecoveryBlob
{
    public const int Size = 77;

    public const byte KindKey = 1;
    public const byte KindPrf = 2;

    private const int HeadSize = 5;

    private static ReadOnlySpan<byte> Magic => "CMR1"u8;

    /// <summary>What can be said of a blob without opening it.</summary>
    public static bool HasForm(ReadOnlySpan<byte> blob, byte kind) => blob.Length == Size && blob.StartsWith(Magic) && blob[Magic.Length] == kind;

    public static byte[] SealWithKey(RecoveryKey key, AccountSecret account, string userId, long generation)
    {
        using SecretBytes aead = key.DeriveKey(userId);
        return Seal(aead, KindKey, account, userId, generation, credentialId: default, fixedNonce: default);
    }

    /// <param name="prf">The passkey's PRF output for <c>claudemesh/prf/1</c>: 32 bytes.</param>
    public static byte[] SealWithPrf(SecretBytes prf, AccountSecret account, string userId, long generation, ReadOnlyMemory<byte> credentialId)
    {
        using SecretBytes aead = KeyLabels.Derive(prf.Expose(), userId, KeyLabels.RecoveryPrf);
        return Seal(aead, KindPrf, account, userId, generation, credentialId, fixedNonce: default);
    }

    /// <summary>False for another key, user, generation or account: what opens is compared with <paramref name="accountKey"/> too.</summary>
    public static bool TryOpenWithKey(
        RecoveryKey key, ReadOnlySpan<byte> blob, string userId, long generation, PublicKey accountKey, out AccountSecret? account)
    {
        using SecretBytes aead = key.DeriveKey(userId);
        return TryOpen(aead, blob, new RecoveryText(userId, generation, accountKey, KindKey, default), out account);
    }

    public static bool TryOpenWithPrf(
        SecretBytes prf,
        ReadOnlySpan<byte> blob,
        string userId,
        long generation,
        PublicKey accountKey,
        ReadOnlyMemory<byte> credentialId,
        out AccountSecret? account)
    {
        using SecretBytes aead = KeyLabels.Derive(prf.Expose(), userId, KeyLabels.RecoveryPrf);
        return TryOpen(aead, blob, new RecoveryText(userId, generation, accountKey, KindPrf, credentialId), out account);
    }

    internal static byte[] Seal(
        SecretBytes aead,
        byte kind,
        AccountSecret account,
        string userId,
        long generation,
        ReadOnlyMemory<byte> credentialId,
        ReadOnlySpan<byte> fixedNonce)
    {
        using SigningKey accountKey = account.DeriveAccountKey(userId);
        byte[] aad = SignedBytes.Of(new RecoveryText(userId, generation, accountKey.Public, kind, credentialId));
        byte[] box = fixedNonce.IsEmpty
            ? XChaCha20Poly1305.SealWithNonce(aead.Expose(), account.Expose(), aad)
            : XChaCha20Poly1305.SealWithNonce(aead.Expose(), fixedNonce, account.Expose(), aad);
        return [.. Magic, kind, .. box];
    }

    private static bool TryOpen(SecretBytes aead, ReadOnlySpan<byte> blob, in RecoveryText text, out AccountSecret? account)
    {
        account = null;
        if (!HasForm(blob, text.Kind)
            || !XChaCha20Poly1305.TryOpenWithNonce(aead.Expose(), blob[HeadSize..], SignedBytes.Of(text), out SecretBytes? secret))
            return false;

        using (secret)
            account = new AccountSecret(secret!.Expose());
        using SigningKey derived = account.DeriveAccountKey(text.UserId);
        if (derived.Public == text.Account)
            return true;

        account.Dispose();
        account = null;
        return false;
    }
}
