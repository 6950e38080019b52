using System.Collections.Concurrent;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Log;

/// <summary>
/// Who has a copy of a scope's current root: read from the store once for each head, because after a rotation every member asks. What is stored
/// meanwhile is put in, also while the store is still being read.
/// </summary>
internal sealed class CopyHolders
{
    private readonly ConcurrentDictionary<PublicKey, bool> known = new();
    private readonly Lock gate = new();
    private Task? reading;

    public bool Contains(PublicKey recipient) => known.ContainsKey(recipient);

    /// <summary>Call after the store has it.</summary>
    /// <returns>Whether it was not known before.</returns>
    public bool Add(PublicKey recipient) => known.TryAdd(recipient, true);

    /// <summary>Returns when all that the store has are in. A read that fails is tried again by the next who asks.</summary>
    public Task FillAsync(Func<Task<HashSet<PublicKey>>> read)
    {
        lock (gate)
        {
            if (reading is null || reading.IsFaulted || reading.IsCanceled)
                reading = ReadAsync(read);

            return reading;
        }
    }

    private async Task ReadAsync(Func<Task<HashSet<PublicKey>>> read)
    {
        foreach (PublicKey recipient in await read())
            Add(recipient);
    }
}
