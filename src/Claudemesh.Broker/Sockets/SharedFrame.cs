using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Claudemesh.Broker.Sockets;

/// <summary>
/// One encoded WebSocket text message, header included, or a piece of a stream of events, in pooled memory. Frames from a server are not masked
/// (RFC 6455 5.1), so the same bytes serve every connection; the memory goes back to the pool when the last outbox has sent it.
/// </summary>
internal sealed class SharedFrame
{
    /// <summary>Room kept before a payload for its header.</summary>
    public const int HeaderSizeMax = 10;

    private const byte FinalText = 0x81;
    private const int ControlBytesMax = 125;

    private readonly byte[] memory;
    private readonly int offset;
    private int references = 1;

    private SharedFrame(byte[] memory, int offset, int length)
    {
        this.memory = memory;
        this.offset = offset;
        Length = length;
    }

    public int Length { get; }

    public ReadOnlySpan<byte> Span => memory.AsSpan(offset, Length);

    public ReadOnlyMemory<byte> Memory => memory.AsMemory(offset, Length);

    /// <summary>Takes over a rented buffer whose payload starts at <see cref="HeaderSizeMax"/>, and puts the header before it.</summary>
    public static SharedFrame Take(byte[] rented, int payload)
    {
        int start = WriteHeader(rented, payload);
        return new SharedFrame(rented, start, HeaderSizeMax - start + payload);
    }

    /// <summary>Takes over a rented buffer whose payload starts at <see cref="HeaderSizeMax"/>, and sends it as it is.</summary>
    public static SharedFrame TakeBare(byte[] rented, int payload) => new(rented, HeaderSizeMax, payload);

    public static SharedFrame Ping() => Control(0x89, []);

    public static SharedFrame Pong(ReadOnlySpan<byte> payload) => Control(0x8A, payload);

    /// <param name="reason">At most 123 bytes in UTF-8.</param>
    public static SharedFrame Close(int code, string reason)
    {
        Span<byte> payload = stackalloc byte[ControlBytesMax];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        int length = Encoding.UTF8.GetBytes(reason, payload[2..]);
        return Control(0x88, payload[..(2 + length)]);
    }

    private static SharedFrame Control(byte first, ReadOnlySpan<byte> payload)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(2 + payload.Length);
        rented[0] = first;
        rented[1] = (byte)payload.Length;
        payload.CopyTo(rented.AsSpan(2));
        return new SharedFrame(rented, 0, 2 + payload.Length);
    }

    public SharedFrame Share()
    {
        Interlocked.Increment(ref references);
        return this;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref references) == 0)
            ArrayPool<byte>.Shared.Return(memory);
    }

    /// <summary>Writes the header right before the payload, which starts at <see cref="HeaderSizeMax"/>.</summary>
    private static int WriteHeader(byte[] buffer, int payload)
    {
        switch (payload)
        {
            case < 126:
                buffer[8] = FinalText;
                buffer[9] = (byte)payload;
                return 8;
            case <= ushort.MaxValue:
                buffer[6] = FinalText;
                buffer[7] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(buffer.AsSpan(8), (ushort)payload);
                return 6;
            default:
                buffer[0] = FinalText;
                buffer[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(buffer.AsSpan(2), (ulong)payload);
                return 0;
        }
    }
}
