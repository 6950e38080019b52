// randombytes_buf: the operating system's source. Ids: 32 characters of 62, as the broker's; UUIDv7, RFC 9562 5.7.

using System.Buffers.Binary;
using Claudemesh.Crypto.Sodium;

namespace Claudemesh.Crypto;

/// <summary>Random bytes and ids. Nothing else in the product makes them.</summary>
public static class RandomBytes
{
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int IdLength = 32;

    public static void Fill(Span<byte> bytes) => Native.randombytes_buf(bytes, (nuint)bytes.Length);

    public static byte[] Next(int count)
    {
        byte[] bytes = new byte[count];
        Fill(bytes);
        return bytes;
    }

    /// <summary>32 characters out of <c>0-9A-Za-z</c>, each equally likely: 190 bits.</summary>
    public static string NextId()
    {
        Span<char> id = stackalloc char[IdLength];
        Span<byte> random = stackalloc byte[2 * IdLength];
        int filled = 0;
        while (filled < IdLength)
        {
            Fill(random);
            foreach (byte value in random)
            {
                // 248 is the largest multiple of 62: the bytes above it would make some characters likelier.
                if (value < 248 && filled < IdLength)
                    id[filled++] = Base62[value % 62];
            }
        }

        return new string(id);
    }

    /// <summary>A UUIDv7: 48 bits of milliseconds, then 74 random bits. Sorts by time as text and as bytes (big-endian).</summary>
    public static Guid NextUuid(TimeProvider clock)
    {
        Span<byte> bytes = stackalloc byte[16];
        Fill(bytes);
        long milliseconds = clock.GetUtcNow().ToUnixTimeMilliseconds();
        Span<byte> time = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, milliseconds);
        time[2..].CopyTo(bytes);
        bytes[6] = (byte)(0x70 | (bytes[6] & 0x0f));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3f));
        return new Guid(bytes, bigEndian: true);
    }
}
