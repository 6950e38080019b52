using Claudemesh.Crypto.Sodium;
using Claudemesh.Protocol;

namespace Claudemesh.Crypto;

/// <summary>
/// The keys that one holder shares with each of its peers: the box key of 1.x direct messages, and the key of ours (keys.md 3).
/// Agreement costs twenty times what a message costs, so the last <c>capacity</c> pairs are kept; the oldest slot is used again.
/// Safe from several threads: a key is copied out under the lock, so a slot that is used again harms nobody.
/// </summary>
public sealed class PairKeys : IDisposable
{
    public const int CapacityDefault = 1024;

    private const int PairSize = 2 * KeyLabels.KeySize;

    private readonly Lock gate = new();
    private readonly SigningKey own;
    private readonly string meshId;
    private readonly SecretBytes slots;
    private readonly PublicKey?[] owners;
    private readonly Dictionary<PublicKey, int> slotOf;
    private int next;

    /// <param name="own">Stays the caller's; must live longer than this.</param>
    public PairKeys(SigningKey own, string meshId, int capacity = CapacityDefault)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        this.own = own;
        this.meshId = meshId;
        slots = new SecretBytes(capacity * PairSize);
        owners = new PublicKey?[capacity];
        slotOf = new Dictionary<PublicKey, int>(capacity);
    }

    /// <summary>Copies the box key of the pair; false for a key that no agreement is possible with.</summary>
    public bool TryCopyBoxKey(PublicKey peer, Span<byte> key) => TryCopy(peer, part: 0, key);

    /// <summary>Copies the AEAD key of direct messages of the pair in this workspace.</summary>
    public bool TryCopyDirectKey(PublicKey peer, Span<byte> key) => TryCopy(peer, part: 1, key);

    public void Dispose()
    {
        lock (gate)
        {
            slots.Dispose();
            slotOf.Clear();
        }
    }

    private bool TryCopy(PublicKey peer, int part, Span<byte> key)
    {
        Length.Require(key, KeyLabels.KeySize);
        lock (gate)
        {
            if (slotOf.TryGetValue(peer, out int slot))
            {
                PartOf(slot, part).CopyTo(key);
                return true;
            }
        }

        // Agreement happens outside the lock; two threads that compute the same pair write the same bytes.
        Span<byte> pair = stackalloc byte[PairSize];
        if (!X25519.TryBoxKey(own, peer, pair[..KeyLabels.KeySize]))
            return false;

        KeyLabels.Derive(pair[..KeyLabels.KeySize], meshId, KeyLabels.Direct, pair[KeyLabels.KeySize..]);
        pair.Slice(part * KeyLabels.KeySize, KeyLabels.KeySize).CopyTo(key);
        lock (gate)
            Keep(peer, pair);
        Native.sodium_memzero(pair, PairSize);
        return true;
    }

    private void Keep(PublicKey peer, ReadOnlySpan<byte> pair)
    {
        if (slotOf.ContainsKey(peer))
            return;

        int slot = next;
        next = (next + 1) % owners.Length;
        if (owners[slot] is { } evicted)
            slotOf.Remove(evicted);
        owners[slot] = peer;
        slotOf[peer] = slot;
        pair.CopyTo(slots.Writable.Slice(slot * PairSize, PairSize));
    }

    private ReadOnlySpan<byte> PartOf(int slot, int part) =>
        slots.Expose().Slice(slot * PairSize + part * KeyLabels.KeySize, KeyLabels.KeySize);
}
