namespace Claudemesh.Broker.Sockets;

/// <summary>How a client wants the answer to one send named.</summary>
internal readonly record struct PendingSend(string? Id, byte[]? RequestId);

/// <summary>The correlation of sends that the core has not answered yet: slot numbers out, names back.</summary>
internal sealed class PendingSends
{
    private readonly Lock gate = new();
    private PendingSend[] slots = new PendingSend[4];
    private int[] free = new int[4];
    private int freeCount;
    private int used;

    public long Add(PendingSend send)
    {
        lock (gate)
        {
            int slot;
            if (freeCount > 0)
            {
                slot = free[--freeCount];
            }
            else
            {
                slot = used++;
                if (slot == slots.Length)
                {
                    Array.Resize(ref slots, slots.Length * 2);
                    Array.Resize(ref free, slots.Length);
                }
            }

            slots[slot] = send;
            return slot;
        }
    }

    public PendingSend Take(long ticket)
    {
        lock (gate)
        {
            PendingSend send = slots[ticket];
            slots[ticket] = default;
            free[freeCount++] = (int)ticket;
            return send;
        }
    }
}
