using System.Buffers;
using System.Buffers.Binary;

namespace Claudemesh.Broker.Sockets;

/// <summary>What the reader came to.</summary>
internal enum ReadOutcome
{
    /// <summary>A whole message is in <see cref="WebSocketReader.Message"/>.</summary>
    Message,

    /// <summary>The peer has said goodbye; <see cref="WebSocketReader.Code"/> is its code, 1005 when it gave none.</summary>
    Goodbye,

    /// <summary>The peer broke the protocol or a bound; close with <see cref="WebSocketReader.Code"/>.</summary>
    Violation,

    /// <summary>The transport ended without a closing frame.</summary>
    Lost,
}

/// <summary>Told of the frames that are not messages.</summary>
internal interface IControlFrames
{
    /// <summary>Anything at all has come: the peer lives.</summary>
    void OnHeard();

    void OnPing(ReadOnlySpan<byte> payload);
}

/// <summary>
/// The receiving half of a WebSocket server (RFC 6455 5): takes what the transport has in one read and gives out one message
/// after the other without copying them. It is ours, beside the writing half, because the library's refuses a text that is no
/// UTF-8 by closing the socket, where this broker owes its peer an answer; and because it reads twice per frame.
/// While nothing comes, the buffer is back in the pool: an idle socket holds none.
/// </summary>
internal sealed class WebSocketReader(Stream transport, int messageBytesMax, IControlFrames control) : IDisposable
{
    public const int NoCode = 1005;

    private const int BytesAtFirst = 4096;
    private const int HeaderSizeMax = 14;
    private const int ControlBytesMax = 125;

    private byte[]? buffer;
    private int start;
    private int end;
    private byte[]? parts;
    private int partsLength;
    private bool inParts;

    /// <summary>The message read last; valid until the next read.</summary>
    public ReadOnlyMemory<byte> Message { get; private set; }

    public int Code { get; private set; }

    public string Reason { get; private set; } = "";

    public async ValueTask<ReadOutcome> ReadAsync(CancellationToken cancellationToken)
    {
        Message = default;
        while (true)
        {
            if (TryTakeFrame(out ReadOutcome? outcome))
            {
                if (outcome is { } done)
                    return done;
            }
            else if (!await FillAsync(cancellationToken))
            {
                return ReadOutcome.Lost;
            }
        }
    }

    public void Dispose()
    {
        Return(ref buffer);
        Return(ref parts);
    }

    /// <summary>Takes one frame from the buffer if it is there whole. The outcome stays null when there is more to read first.</summary>
    private bool TryTakeFrame(out ReadOutcome? outcome)
    {
        outcome = null;
        ReadOnlySpan<byte> bytes = buffer.AsSpan(start, end - start);
        if (!FrameHeader.TryRead(bytes, out FrameHeader header))
            return false;

        if (Fault(header) is { } fault)
        {
            outcome = Violate(fault.Code, fault.Reason);
            return true;
        }

        int size = header.Size + (int)header.Length;
        if (bytes.Length < size)
        {
            Reserve(size);
            return false;
        }

        Memory<byte> payload = buffer.AsMemory(start + header.Size, (int)header.Length);
        Unmask(payload.Span, header.Mask);
        start += size;
        outcome = header.IsControl ? TakeControl(header.Opcode, payload.Span) : TakeData(header, payload);
        return true;
    }

    private (int Code, string Reason)? Fault(in FrameHeader header)
    {
        if (header.HasReservedBits || !header.IsMasked || header.Opcode is (> 2 and < 8) or > 10)
            return (1002, "not a frame of RFC 6455");

        if (header.IsControl)
            return header.IsFinal && header.Length <= ControlBytesMax ? null : (1002, "a control frame in parts or too long");

        if (inParts != (header.Opcode == 0))
            return (1002, "parts of messages out of order");

        return header.Length > (ulong)(messageBytesMax - partsLength) ? (1009, "frame too large") : null;
    }

    private ReadOutcome? TakeControl(int opcode, ReadOnlySpan<byte> payload)
    {
        if (opcode == 9)
            control.OnPing(payload);

        if (opcode != 8)
            return null;

        Code = payload.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(payload) : NoCode;
        return ReadOutcome.Goodbye;
    }

    private ReadOutcome? TakeData(in FrameHeader header, Memory<byte> payload)
    {
        if (header.IsFinal && !inParts)
        {
            Message = payload;
            return ReadOutcome.Message;
        }

        Append(payload.Span);
        inParts = !header.IsFinal;
        if (inParts)
            return null;

        Message = parts.AsMemory(0, partsLength);
        partsLength = 0;
        return ReadOutcome.Message;
    }

    private ReadOutcome Violate(int code, string reason)
    {
        Code = code;
        Reason = reason;
        return ReadOutcome.Violation;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (start == end)
        {
            start = end = 0;
            ValueTask<int> ready = transport.ReadAsync(Memory<byte>.Empty, cancellationToken);
            if (!ready.IsCompleted)
                Return(ref buffer);

            await ready;
        }

        Reserve(HeaderSizeMax);
        int read = await transport.ReadAsync(buffer.AsMemory(end), cancellationToken);
        end += read;
        control.OnHeard();
        return read > 0;
    }

    /// <summary>Makes room for a frame of this size from <see cref="start"/> on.</summary>
    private void Reserve(int size)
    {
        buffer ??= ArrayPool<byte>.Shared.Rent(BytesAtFirst);
        if (buffer.Length - start >= size && end < buffer.Length)
            return;

        byte[] to = buffer.Length >= size && start > 0 ? buffer : ArrayPool<byte>.Shared.Rent(Math.Max(size, 2 * (end - start)));
        Buffer.BlockCopy(buffer, start, to, 0, end - start);
        if (to != buffer)
            ArrayPool<byte>.Shared.Return(buffer);

        buffer = to;
        end -= start;
        start = 0;
    }

    private void Append(ReadOnlySpan<byte> payload)
    {
        if (parts is null || parts.Length - partsLength < payload.Length)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(BytesAtFirst, 2 * (partsLength + payload.Length)));
            parts.AsSpan(0, partsLength).CopyTo(larger);
            Return(ref parts);
            parts = larger;
        }

        payload.CopyTo(parts.AsSpan(partsLength));
        partsLength += payload.Length;
    }

    private static void Unmask(Span<byte> payload, uint mask)
    {
        Span<byte> key = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(key, mask);
        ulong wide = BitConverter.ToUInt32(key);
        wide |= wide << 32;

        int i = 0;
        Span<ulong> words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(payload);
        for (; i < words.Length; i++)
            words[i] ^= wide;

        for (i *= sizeof(ulong); i < payload.Length; i++)
            payload[i] ^= key[i & 3];
    }

    private static void Return(ref byte[]? rented)
    {
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);

        rented = null;
    }
}
