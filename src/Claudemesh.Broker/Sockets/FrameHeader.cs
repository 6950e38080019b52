using System.Buffers.Binary;

namespace Claudemesh.Broker.Sockets;

/// <summary>The first bytes of a WebSocket frame (RFC 6455 5.2).</summary>
/// <param name="Size">Bytes of the header itself.</param>
/// <param name="Length">Bytes of the payload that follows.</param>
internal readonly record struct FrameHeader(int Size, int Opcode, bool IsFinal, bool HasReservedBits, bool IsMasked, ulong Length, uint Mask)
{
    public bool IsControl => Opcode >= 8;

    /// <summary>False while the header is not there whole.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < 2)
            return false;

        bool masked = (bytes[1] & 0x80) != 0;
        int shortLength = bytes[1] & 0x7F;
        int lengthSize = shortLength switch { 126 => 2, 127 => 8, _ => 0 };
        int size = 2 + lengthSize + (masked ? 4 : 0);
        if (bytes.Length < size)
            return false;

        ulong length = lengthSize switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            8 => BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]),
            _ => (ulong)shortLength,
        };
        uint mask = masked ? BinaryPrimitives.ReadUInt32BigEndian(bytes[(2 + lengthSize)..]) : 0;
        header = new FrameHeader(size, bytes[0] & 0x0F, (bytes[0] & 0x80) != 0, (bytes[0] & 0x70) != 0, masked, length, mask);
        return true;
    }
}
