using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Claudemesh.Load.Sockets;

/// <summary>Frames of RFC 6455 5.2 as a client writes them (masked) and reads them (not masked).</summary>
internal static class ClientFrame
{
    public const int HeaderBytesMax = 14;
    public const byte Text = 0x1;
    public const byte Close = 0x8;
    public const byte Ping = 0x9;
    public const byte Pong = 0xA;

    private const byte Final = 0x80;
    private const byte Masked = 0x80;

    /// <summary>Writes one whole frame and gives its length.</summary>
    public static int Write(Span<byte> into, byte opcode, ReadOnlySpan<byte> payload, uint mask)
    {
        into[0] = (byte)(Final | opcode);
        int header = 2;
        if (payload.Length < 126)
        {
            into[1] = (byte)(Masked | payload.Length);
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            into[1] = Masked | 126;
            BinaryPrimitives.WriteUInt16BigEndian(into[2..], (ushort)payload.Length);
            header = 4;
        }
        else
        {
            into[1] = Masked | 127;
            BinaryPrimitives.WriteUInt64BigEndian(into[2..], (ulong)payload.Length);
            header = 10;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(into[header..], mask);
        header += sizeof(uint);
        Mask(payload, into.Slice(header, payload.Length), mask);
        return header + payload.Length;
    }

    /// <summary>Finds the first frame; false when it is not whole yet.</summary>
    /// <param name="length">Of header and payload.</param>
    /// <exception cref="InvalidDataException">A frame that no server of ours writes: in parts, masked or of more than 2 GB.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out byte opcode, out ReadOnlySpan<byte> payload, out int length)
    {
        opcode = 0;
        payload = default;
        length = 0;
        if (bytes.Length < 2)
            return false;

        if ((bytes[0] & Final) == 0 || (bytes[1] & Masked) != 0)
            throw new InvalidDataException("The server sent a frame in parts, or a masked one.");

        int header = 2;
        long size = bytes[1];
        if (size == 126)
        {
            header = 4;
            if (bytes.Length < header)
                return false;

            size = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        }
        else if (size == 127)
        {
            header = 10;
            if (bytes.Length < header)
                return false;

            size = BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
        }

        if (size is < 0 or > int.MaxValue / 2)
            throw new InvalidDataException("The server sent a frame of more than 2 GB.");

        if (bytes.Length < header + size)
            return false;

        opcode = (byte)(bytes[0] & 0x0F);
        payload = bytes.Slice(header, (int)size);
        length = header + (int)size;
        return true;
    }

    private static void Mask(ReadOnlySpan<byte> from, Span<byte> to, uint mask)
    {
        int at = 0;
        Vector<byte> wide = Vector.AsVectorByte(new Vector<uint>(mask));
        for (; at <= from.Length - Vector<byte>.Count; at += Vector<byte>.Count)
            (new Vector<byte>(from[at..]) ^ wide).CopyTo(to[at..]);

        ReadOnlySpan<byte> key = MemoryMarshal.AsBytes(new ReadOnlySpan<uint>(in mask));
        for (; at < from.Length; at++)
            to[at] = (byte)(from[at] ^ key[at & 3]);
    }
}
