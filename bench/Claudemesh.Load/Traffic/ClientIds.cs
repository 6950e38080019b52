namespace Claudemesh.Load.Traffic;

/// <summary>How the ids of messages are made.</summary>
internal enum ClientIdKind
{
    /// <summary>UUIDv7, as our client makes them: the store's index grows at one edge.</summary>
    Ordered,

    /// <summary>UUIDv4, as 1.x clients make them: the store's index grows everywhere.</summary>
    Random,
}

/// <summary>Fast ids for load; their random part is a plain generator's.</summary>
internal struct ClientIds(ClientIdKind kind, ulong seed)
{
    public const int TextBytes = 36;

    private ulong state = seed;

    public static ReadOnlySpan<byte> Placeholder => "00000000-0000-0000-0000-000000000000"u8;

    /// <param name="unixMilliseconds">The time that an ordered id begins with.</param>
    public void Write(Span<byte> text, long unixMilliseconds)
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes, Next());
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Next());
        int version = 0x40;
        if (kind == ClientIdKind.Ordered)
        {
            version = 0x70;
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(unixMilliseconds >> 16));
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], (ushort)unixMilliseconds);
        }

        bytes[6] = (byte)(version | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        new Guid(bytes, bigEndian: true).TryFormat(text, out _, "D");
    }

    // SplitMix64.
    private ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        ulong mixed = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
