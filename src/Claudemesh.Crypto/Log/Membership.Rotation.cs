// keys.md 5: members = SHA-256 of the recipients' public keys, 32 bytes each, sorted ascending, concatenated.

using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

public sealed partial record Membership
{
    /// <summary>
    /// Whether nothing more may be written under the current root: somebody has it who should not read on, or there is none. Whoever
    /// wants to send rotates first.
    /// </summary>
    public bool IsRotationDue(Membership? mesh = null) => RotationOwed || Epoch == 0 || FindGone(mesh).Any();

    /// <summary>The members of a topic that the workspace has lost. They leave the topic's log before its next epoch.</summary>
    public IEnumerable<PublicKey> FindGone(Membership? mesh) =>
        TopicView(mesh) is { } view ? Members.Keys.Where(view.IsLost).Order() : [];

    /// <summary>The keys that a root made at this time is sealed to: members and open invites, ascending.</summary>
    public PublicKey[] RecipientsAt(long at) =>
        [.. Members.Keys.Concat(Invites.Values.Where(invite => invite.IsOpenAt(at)).Select(invite => invite.Key)).Distinct().Order()];

    public static Digest HashOf(PublicKey[] recipients)
    {
        byte[] joined = new byte[recipients.Length * PublicKey.Size];
        for (int i = 0; i < recipients.Length; i++)
            recipients[i].Span.CopyTo(joined.AsSpan(i * PublicKey.Size));
        return Sha256.Hash(joined);
    }

    /// <summary>The public side of an epoch's root; null for an epoch that the log does not have.</summary>
    public RootReference? FindRoot(long epoch) =>
        epoch >= 1 && epoch <= Epoch ? new RootReference(Scope, epoch, Epochs[(int)(epoch - 1)].RootId) : null;

    /// <summary>Whether a body under this epoch may still be taken. A broker that says no answers <c>stale_epoch</c>.</summary>
    public bool TakesBodiesOf(long epoch, Membership? mesh = null) => epoch == Epoch && !IsRotationDue(mesh);

    /// <summary>Whether the topic takes bodies that the broker can read (keys.md 6).</summary>
    public bool TakesPlain(string topicId) => PlainTopics.TryGetValue(topicId, out bool plain) ? plain : !EncryptionRequired;

    /// <summary>No member any more, by removal or because the key is in other hands. A key that moved is still its member's.</summary>
    internal bool IsLost(PublicKey key) => !Members.ContainsKey(key) && Keys.TryGetValue(key, out KeyPast? past) && past.WasLost;
}
