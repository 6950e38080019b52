using Claudemesh.Protocol;

namespace Claudemesh.Crypto;

/// <summary>
/// Remembers a public fact about public keys in a fixed number of slots. Without locks: an entry is immutable and put in place by one
/// reference write; two keys that share a slot push each other out and are computed again.
/// </summary>
internal sealed class KeyMemo<T>(int slots)
{
    private readonly Entry?[] entries = new Entry?[slots];

    internal bool TryFind(PublicKey key, out T value)
    {
        Entry? entry = Volatile.Read(ref entries[SlotOf(key)]);
        bool found = entry is not null && entry.Key == key;
        value = found ? entry!.Value : default!;
        return found;
    }

    internal void Keep(PublicKey key, T value) => Volatile.Write(ref entries[SlotOf(key)], new Entry(key, value));

    private int SlotOf(PublicKey key) => (int)((uint)key.GetHashCode() % (uint)entries.Length);

    private sealed record Entry(PublicKey Key, T Value);
}
