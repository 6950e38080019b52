namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>The mailboxes that were touched lately. The store is asked for one when it is touched, and it is dropped when nobody needs it.</summary>
internal sealed class Mailboxes(Turn turn)
{
    private static readonly TimeSpan TouchGranularity = TimeSpan.FromSeconds(1);

    private readonly Dictionary<MailboxNo, Mailbox> boxes = [];
    private readonly LinkedList<Mailbox> leastRecentFirst = new();

    public int Count => boxes.Count;

    public int Waiting => leastRecentFirst.Sum(box => box.Waiting);

    public IEnumerable<Mailbox> All => leastRecentFirst;

    /// <summary>When the least recently touched mailbox may be dropped, by <see cref="Turn.Clock"/>.</summary>
    public Instant? DropAt => leastRecentFirst.First is { } first ? first.Value.TouchedAt + turn.Bounds.IdleFacts : null;

    public Mailbox? Find(MailboxNo no) => boxes.GetValueOrDefault(no);

    public Mailbox Touch(MailboxNo no)
    {
        if (boxes.TryGetValue(no, out Mailbox? box))
        {
            if (turn.Clock - box.TouchedAt >= TouchGranularity)
                MoveToEnd(box);
            return box;
        }

        box = new Mailbox(no, turn.UseOf(no)) { TouchedAt = turn.Clock };
        box.Place = leastRecentFirst.AddLast(box);
        boxes.Add(no, box);
        turn.Effect(new Ask(no));
        return box;
    }

    public void DropIdle()
    {
        for (int left = boxes.Count; left > 0 && DropAt <= turn.Clock; left--)
        {
            Mailbox oldest = leastRecentFirst.First!.Value;
            if (oldest.IsUnused)
            {
                leastRecentFirst.RemoveFirst();
                boxes.Remove(oldest.No);
            }
            else
            {
                MoveToEnd(oldest);
            }
        }
    }

    private void MoveToEnd(Mailbox box)
    {
        box.TouchedAt = turn.Clock;
        leastRecentFirst.Remove(box.Place!);
        leastRecentFirst.AddLast(box.Place!);
    }
}
