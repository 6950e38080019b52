using System.Globalization;
using System.Text;

namespace Claudemesh.Local;

/// <summary>The body of an HTTP/1.1 answer: of a stated length, in chunks, or up to the end of the connection.</summary>
/// <param name="source">The connection, owned by the exchange.</param>
/// <param name="buffer">What was read with the head; kept as the buffer of the rest.</param>
/// <param name="start">Where the body begins in it.</param>
/// <param name="end">Where what was read ends in it.</param>
/// <param name="length">Null: not stated.</param>
internal sealed class AnswerBody(Stream source, byte[] buffer, int start, int end, long? length, bool isChunked) : Stream
{
    private const int ChunkLineBytesMax = 256;

    private int start = start;
    private int end = end;

    // Bytes left of the body, or of the chunk being read.
    private long left = isChunked ? 0 : length ?? long.MaxValue;
    private bool hasEnded = !isChunked && length == 0;
    private bool isInsideChunks;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        if (hasEnded || destination.IsEmpty)
            return 0;

        if (isChunked && left == 0 && !await NextChunkAsync(cancellationToken))
            return 0;

        if (start == end && !await FillAsync(cancellationToken))
        {
            // Without a stated length the end of the connection is the end of the body.
            return isChunked || length is not null ? throw CutShort() : 0;
        }

        int count = (int)Math.Min(Math.Min(end - start, destination.Length), left);
        buffer.AsSpan(start, count).CopyTo(destination.Span);
        start += count;
        left -= count;
        hasEnded = left == 0 && !isChunked;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
        // Nothing is written here.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Reads the line before a chunk.</summary>
    /// <returns>False after the last chunk.</returns>
    private async ValueTask<bool> NextChunkAsync(CancellationToken cancellationToken)
    {
        if (isInsideChunks && (await ReadLineAsync(cancellationToken)).Length != 0)
            throw new IOException("A chunk of the answer is longer than it said.");

        isInsideChunks = true;
        string size = (await ReadLineAsync(cancellationToken)).Split(';')[0].Trim();
        if (!long.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out left) || left < 0)
            throw new IOException("A chunk of the answer has no size.");

        if (left > 0)
            return true;

        while ((await ReadLineAsync(cancellationToken)).Length > 0)
        {
            // Trailers say nothing that we ask for.
        }

        hasEnded = true;
        return false;
    }

    private async ValueTask<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        while (true)
        {
            if (start == end && !await FillAsync(cancellationToken))
                throw CutShort();

            char next = (char)buffer[start++];
            if (next == '\n')
                return line.ToString().TrimEnd('\r');

            if (line.Append(next).Length > ChunkLineBytesMax)
                throw new IOException("A line between the chunks of the answer is too long.");
        }
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        start = 0;
        end = await source.ReadAsync(buffer, cancellationToken);
        return end > 0;
    }

    private static IOException CutShort() => new("The connection ended in the middle of the answer.");
}
