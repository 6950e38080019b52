using System.IO.Compression;
using System.Text;

namespace Claudemesh.Cli.Support;

/// <summary>
/// Writes small files into a compressed archive: ustar (POSIX.1-1988), the part of it that regular files need. The framework's own writer knows every
/// form there is, and would make each verb's start slower.
/// </summary>
internal sealed class TarArchive(Stream output, DateTimeOffset writtenAt) : IDisposable
{
    private const int BlockBytes = 512;
    private const int NameBytesMax = 100;

    private readonly GZipStream compressed = new(output, CompressionLevel.Optimal, leaveOpen: true);

    /// <param name="name">ASCII, at most 100 characters.</param>
    public void Add(string name, byte[] content)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, NameBytesMax);
        compressed.Write(Header(name, content.Length));
        compressed.Write(content);
        compressed.Write(new byte[(BlockBytes - (content.Length % BlockBytes)) % BlockBytes]);
    }

    public void Dispose()
    {
        // Two empty blocks end an archive.
        compressed.Write(new byte[2 * BlockBytes]);
        compressed.Dispose();
    }

    private byte[] Header(string name, int length)
    {
        byte[] header = new byte[BlockBytes];
        Put(header, 0, name);
        Put(header, 100, "0000600");
        Put(header, 108, "0000000");
        Put(header, 116, "0000000");
        Put(header, 124, Octal(length));
        Put(header, 136, Octal(writtenAt.ToUnixTimeSeconds()));
        Put(header, 156, "0");
        Put(header, 257, "ustar\0" + "00");

        // The sum is taken with blanks in its own place.
        header.AsSpan(148, 8).Fill((byte)' ');
        int sum = 0;
        foreach (byte one in header)
            sum += one;

        Put(header, 148, Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ");
        return header;
    }

    private static string Octal(long number) => Convert.ToString(number, 8).PadLeft(11, '0');

    private static void Put(byte[] header, int at, string text) => Encoding.ASCII.GetBytes(text, header.AsSpan(at));
}
