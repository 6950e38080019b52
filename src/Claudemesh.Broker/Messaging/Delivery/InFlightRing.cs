namespace Claudemesh.Broker.Messaging.Delivery;

internal enum InFlightState : byte
{
    Pushed,
    Acknowledged,
    Expired,
    SetAside,
}

/// <summary>An entry that was pushed to a reader; its body stays in the store.</summary>
internal struct InFlight
{
    public long Position;

    /// <summary>Entries after this one, up to here, were not meant for the reader: its cursor takes them along.</summary>
    public long CoverTo;
    public MessageRef Message;
    public MemberNo Sender;
    public byte[]? ClientId;
    public Instant PushedAt;
    public int Size;
    public int Recipients;
    public bool FromShared;
    public InFlightState State;

    public static InFlight Of(Message message, in Entry entry, bool fromShared, Instant pushedAt) => new()
    {
        Position = entry.Position,
        Message = message.Id,
        Sender = message.Sender,
        ClientId = message.Key?.Id,
        PushedAt = pushedAt,
        Size = message.Envelope.Size,
        Recipients = message.Recipients,
        FromShared = fromShared,
    };

    public readonly bool Is(MessageRef? message, byte[]? clientId) =>
        message is { } id
            ? Message == id
            : clientId is not null && ClientId is not null && clientId.AsSpan().SequenceEqual(ClientId);
}

/// <summary>What one reader has in flight in one lane, in the order of positions. Allocated only while it is not empty.</summary>
internal sealed class InFlightRing
{
    private const int CapacityMin = 8;

    private InFlight[] slots = [];
    private int head;

    public int Count { get; private set; }

    /// <summary>Bytes that were pushed and not acknowledged.</summary>
    public int Bytes { get; private set; }

    public int Capacity => slots.Length;

    public ref InFlight this[int index] => ref slots[(head + index) & (slots.Length - 1)];

    public bool HasRoomFor(int size, DeliveryBounds bounds) =>
        Count < bounds.InFlightMax && (Bytes == 0 || Bytes + size <= bounds.InFlightBytesMax);

    public void Add(in InFlight entry)
    {
        if (Count == slots.Length)
            Grow();
        Count++;
        this[Count - 1] = entry;
        if (entry.State == InFlightState.Pushed)
            Bytes += entry.Size;
    }

    /// <returns>The index of the oldest that is still only pushed, or -1.</returns>
    public int Find(MessageRef? message, byte[]? clientId)
    {
        for (int i = 0; i < Count; i++)
        {
            ref InFlight entry = ref this[i];
            if (entry.State == InFlightState.Pushed && entry.Is(message, clientId))
                return i;
        }

        return -1;
    }

    public int FindPosition(long position)
    {
        for (int i = 0; i < Count; i++)
        {
            if (this[i].Position == position)
                return i;
        }

        return -1;
    }

    public void Settle(int index, InFlightState state)
    {
        ref InFlight entry = ref this[index];
        if (entry.State != InFlightState.Pushed)
            return;
        Bytes -= entry.Size;
        entry.State = state;
    }

    /// <summary>Takes the oldest entry if nothing more is expected of it.</summary>
    public bool TryTakeSettled(out InFlight entry)
    {
        if (Count == 0 || this[0].State == InFlightState.Pushed)
        {
            entry = default;
            return false;
        }

        entry = this[0];
        this[0] = default;
        head = (head + 1) & (slots.Length - 1);
        Count--;
        return true;
    }

    public void Clear()
    {
        slots = [];
        head = 0;
        Count = 0;
        Bytes = 0;
    }

    private void Grow()
    {
        InFlight[] larger = new InFlight[Math.Max(CapacityMin, slots.Length * 2)];
        for (int i = 0; i < Count; i++)
            larger[i] = this[i];
        slots = larger;
        head = 0;
    }
}
