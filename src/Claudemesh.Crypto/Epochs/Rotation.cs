using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Crypto;

/// <summary>
/// A new root key and the epoch that announces it. Its copies are made from the state after the record and stored with it in one
/// transaction; what is too much for one is sent after it, and any holder of the root finishes what its author left.
/// </summary>
public static class Rotation
{
    /// <summary>
    /// Drafts the next epoch. In a topic, members that the workspace has lost leave first, so the root is sealed to nobody who should not
    /// have it.
    /// </summary>
    /// <param name="old">The root of the current epoch; null cuts the past off for those who come later (<c>--no-history</c>).</param>
    /// <param name="root">The caller's to keep; null when refused.</param>
    public static LogRefusal Draft(LogDraft draft, RootKey? old, string reason, out RootKey? root)
    {
        root = null;
        if (old is not null && old.Reference != draft.State.FindRoot(draft.State.Epoch))
            throw new ArgumentException("The link backwards is to the root of the current epoch.", nameof(old));

        foreach (PublicKey lost in draft.State.FindGone(draft.Mesh))
        {
            LogRefusal removal = draft.Add(new LogBody.Remove(lost, "left the workspace"));
            if (removal is not LogRefusal.None)
                return removal;
        }

        RootKey fresh = RootKey.Generate(draft.State.MeshId, draft.State.Scope, draft.State.Epoch + 1);
        LogRefusal refusal = draft.Add(Announce(draft.State, fresh, old, draft.At, reason));
        if (refusal is LogRefusal.None)
            root = fresh;
        else
            fresh.Dispose();
        return refusal;
    }

    /// <summary>The copies for everybody whom the epoch names.</summary>
    /// <param name="at">The time of the epoch's record.</param>
    public static SealedCopy[] SealCopies(Membership state, RootKey root, long at) =>
        [.. state.RecipientsAt(at).Select(recipient => SealCopy(root, recipient))];

    /// <exception cref="ArgumentException">Nothing can be sealed to this key; the log has none such.</exception>
    public static SealedCopy SealCopy(RootKey root, PublicKey recipient) => root.TrySealFor(recipient, out byte[]? copy)
        ? new SealedCopy(recipient, copy!)
        : throw new ArgumentException("Nothing can be sealed to this key.", nameof(recipient));

    internal static LogBody.Epoch Announce(Membership state, RootKey root, RootKey? old, long at, string reason) => new(
        root.Epoch, root.Id, old is null ? default : root.SealBack(old), Membership.HashOf(state.RecipientsAt(at)), reason);
}
