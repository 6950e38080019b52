namespace Claudemesh.Daemon.Outbox;

/// <summary>
/// Receipts that name a message which the outbox does not know yet. The broker's acknowledgement and the receipt after it come in order, but two
/// tasks write them down; and a receipt is not sent twice. Safe from several threads.
/// </summary>
/// <param name="heldMax">How many are kept; past it the oldest is dropped, and asked about on the next connection. Most are nobody's: those of
/// messages that another device of the member has sent.</param>
internal sealed class EarlyReceipts(int heldMax)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Raise> held = new(StringComparer.Ordinal);
    private readonly Queue<string> oldestFirst = new();

    /// <summary>Of two about one message the higher state is kept, and the larger counts.</summary>
    public void Keep(IEnumerable<Raise> raises)
    {
        lock (gate)
        {
            foreach (Raise raise in raises)
            {
                if (held.TryGetValue(raise.MessageId, out Raise there))
                {
                    Raise higher = OutboxStates.Rank(raise.State) > OutboxStates.Rank(there.State) ? raise : there;
                    held[raise.MessageId] = higher with { Counts = raise.Counts is { } counts ? there.Counts?.Max(counts) ?? counts : there.Counts };
                    continue;
                }

                held.Add(raise.MessageId, raise);
                oldestFirst.Enqueue(raise.MessageId);
                if (oldestFirst.Count > heldMax)
                    held.Remove(oldestFirst.Dequeue());
            }
        }
    }

    /// <summary>Those about these messages.</summary>
    public List<Raise> Find(IEnumerable<string> messageIds)
    {
        lock (gate)
            return held.Count == 0 ? [] : [.. messageIds.Where(held.ContainsKey).Select(id => held[id])];
    }
}
