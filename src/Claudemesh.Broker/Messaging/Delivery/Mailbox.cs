namespace Claudemesh.Broker.Messaging.Delivery;

/// <summary>Who reads a mailbox.</summary>
internal enum MailboxUse : byte
{
    /// <summary>One member, one session, or one member in one topic.</summary>
    Own,

    /// <summary>All members: broadcasts.</summary>
    Everyone,

    /// <summary>All who are in a topic.</summary>
    Topic,
}

/// <summary>What the core knows of a mailbox that was touched lately. Who reads it, how far, and what waits in it.</summary>
internal sealed class Mailbox(MailboxNo no, MailboxUse use)
{
    private const int CursorsKeptMax = 64;

    private readonly Dictionary<MemberNo, int> waitingBySender = [];
    private readonly List<(ReaderNo Reader, long[] Through)> cursors = [];
    private readonly HashSet<long> aside = [];
    private readonly HashSet<MessageRef> ahead = [];

    public MailboxNo No { get; } = no;

    public MailboxUse Use { get; } = use;

    /// <summary>In a mailbox that many read nothing is counted as waiting: each member has its own place in it.</summary>
    public bool IsShared => Use != MailboxUse.Own;

    public bool Loaded { get; private set; }

    /// <summary>Something expired while the store was being asked: its answer may be older, and it is asked again.</summary>
    public bool MustAskAgain { get; set; }

    /// <summary>The newest position per lane that a store may hold.</summary>
    public long[] Last { get; } = new long[LaneReader.Lanes];

    /// <summary>The furthest cursor of any reader, per lane, over the whole list that this mailbox's readers read.</summary>
    public long[] Delivered { get; } = new long[LaneReader.Lanes];

    /// <summary>
    /// Up to where entries were moved away, per lane. What lies below and was left alone is not delivered by that, so this is no cursor.
    /// </summary>
    public long[] MovedThrough { get; } = new long[LaneReader.Lanes];

    public int Waiting { get; private set; }

    public long WaitingBytes { get; private set; }

    public int Uncommitted { get; set; }

    public int Parked { get; set; }

    /// <summary>The last drain of parked submissions that left one for this mailbox.</summary>
    public long ParkedAgainIn { get; set; }

    public bool Refiling { get; set; }

    /// <summary>Attached readers of this mailbox; of a shared one, those that read it too.</summary>
    public List<Reader> Readers { get; } = [];

    public LinkedListNode<Mailbox>? Place { get; set; }

    public Instant TouchedAt { get; set; }

    public bool IsUnused => Uncommitted == 0 && Parked == 0 && !Refiling && Readers.Count == 0 && Loaded;

    public void Load(LaneFacts facts)
    {
        for (int lane = 0; lane < LaneReader.Lanes; lane++)
        {
            Last[lane] = facts.Last[lane];
            Delivered[lane] = facts.DeliveredThrough[lane];
        }

        if (!IsShared)
        {
            foreach ((MemberNo sender, int count) in facts.Waiting)
            {
                waitingBySender[sender] = count;
                Waiting += count;
            }

            WaitingBytes = facts.WaitingBytes;
        }

        foreach (long position in facts.Aside)
            aside.Add(position);
        ahead.UnionWith(facts.Ahead);
        Loaded = true;
    }

    public bool IsFullFor(MemberNo sender, int size, DeliveryBounds bounds) =>
        Waiting >= bounds.WaitingMax
        || WaitingBytes + size > bounds.WaitingBytesMax
        || waitingBySender.GetValueOrDefault(sender) >= bounds.WaitingPerSenderMax;

    public void AddWaiting(MemberNo sender, int size)
    {
        if (IsShared)
            return;
        Waiting++;
        WaitingBytes += size;
        System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(waitingBySender, sender, out _)++;
    }

    /// <summary>
    /// There may be less counted here than there is: the store's count stops at its bound, and a commit whose failure was
    /// reported may have happened. Never more, for that would keep senders out for ever.
    /// </summary>
    public void RemoveWaiting(MemberNo sender, int size)
    {
        if (IsShared)
            return;

        // Even when none of the sender's are counted: the one that was taken off twice had another size than this one.
        WaitingBytes = Math.Max(0, WaitingBytes - size);
        if (!waitingBySender.TryGetValue(sender, out int count))
            return;
        Waiting--;
        if (count == 1)
            waitingBySender.Remove(sender);
        else
            waitingBySender[sender] = count - 1;
    }

    /// <summary>A reader's cursor passes an entry.</summary>
    /// <returns>True when nobody had it before.</returns>
    public bool Pass(int lane, in InFlight entry)
    {
        if (entry.Position <= Delivered[lane])
            return false;

        Delivered[lane] = entry.Position;
        if (!entry.FromShared)
            RemoveWaiting(entry.Sender, entry.Size);
        return true;
    }

    public void PassThrough(int lane, long position) => Delivered[lane] = Math.Max(Delivered[lane], position);

    public void AddAside(long position) => aside.Add(position);

    public bool TakeAside(long position) => aside.Remove(position);

    /// <summary>
    /// The recipient says what became of a message whose delivery is still to be told: that must not take anything back.
    /// </summary>
    public void NoteAhead(Message message)
    {
        long position = message.Id.Position;
        if (position > Delivered[(int)message.Lane] || aside.Contains(position))
            ahead.Add(message.Id);
    }

    public void NoteAhead(MessageRef message) => ahead.Add(message);

    public bool IsAhead(MessageRef message) => ahead.Contains(message);

    public bool TakeAhead(MessageRef message) => ahead.Remove(message);

    /// <summary>Keeps a reader's place while it is away for a moment: the store learns of it a little later.</summary>
    public void KeepCursor(Reader reader)
    {
        TakeCursor(reader.No);
        if (cursors.Count == CursorsKeptMax)
            cursors.RemoveAt(0);
        cursors.Add((reader.No, [reader.Lanes[0].Through, reader.Lanes[1].Through, reader.Lanes[2].Through]));
    }

    public long[]? TakeCursor(ReaderNo reader)
    {
        int index = cursors.FindIndex(kept => kept.Reader == reader);
        if (index < 0)
            return null;
        long[] through = cursors[index].Through;
        cursors.RemoveAt(index);
        return through;
    }
}
