// keys.md 8: package = nonce 24 ‖ AEAD(wrap key, nonce, T("claudemesh/invite-package/1", …), aad = invite_id).

using System.Text;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>What the broker keeps for an open invite besides its record. Neither says anything to somebody without the secret.</summary>
/// <param name="Package">Opened by the joiner, who learns from it which workspace he was invited to.</param>
/// <param name="Root">The current root, sealed to the invite key; null before the first epoch. Later epochs are sealed to it too.</param>
public sealed record Invitation(byte[] Package, SealedCopy? Root)
{
    /// <summary>Drafts the <c>invite</c> record and makes what goes with it.</summary>
    /// <param name="root">The current root, or null in a workspace that has none yet.</param>
    /// <param name="expiresAt">Milliseconds since 1970.</param>
    public static LogRefusal Draft(
        LogDraft draft,
        InviteSecret secret,
        string inviteId,
        LogRole role,
        int usesMax,
        long expiresAt,
        RootKey? root,
        out Invitation? invitation)
    {
        invitation = null;
        if (root?.Reference != draft.State.FindRoot(draft.State.Epoch))
            throw new ArgumentException("An invite is given the root of the current epoch.", nameof(root));

        using SigningKey key = secret.DeriveKey(inviteId);
        LogRefusal refusal = draft.Add(new LogBody.Invite(inviteId, key.Public, role, usesMax, expiresAt));
        if (refusal is not LogRefusal.None)
            return refusal;

        LogHead record = draft.State.Head;
        InvitePackageText text = new(draft.State.MeshId, draft.State.Pin, draft.Author, record.Seq, record.Hash);
        invitation = new Invitation(
            Seal(secret, inviteId, text, fixedNonce: default), root is null ? null : Rotation.SealCopy(root, key.Public));
        return LogRefusal.None;
    }

    /// <summary>False when this secret did not write the package for this invite.</summary>
    public static bool TryOpenPackage(InviteSecret secret, string inviteId, ReadOnlySpan<byte> package, out InvitePackageText text)
    {
        text = default;
        using SecretBytes key = secret.DeriveWrapKey(inviteId);
        if (!XChaCha20Poly1305.TryOpenWithNonce(key.Expose(), package, Encoding.UTF8.GetBytes(inviteId), out SecretBytes? opened))
            return false;

        using (opened)
            return InvitePackageText.TryParse(opened!.Expose(), out text);
    }

    internal static byte[] Seal(InviteSecret secret, string inviteId, in InvitePackageText text, ReadOnlySpan<byte> fixedNonce)
    {
        using SecretBytes key = secret.DeriveWrapKey(inviteId);
        byte[] plain = SignedBytes.Of(text);
        byte[] aad = Encoding.UTF8.GetBytes(inviteId);
        return fixedNonce.IsEmpty
            ? XChaCha20Poly1305.SealWithNonce(key.Expose(), plain, aad)
            : XChaCha20Poly1305.SealWithNonce(key.Expose(), fixedNonce, plain, aad);
    }
}
