namespace Claudemesh.Cli.Output;

/// <summary>
/// Standard output or standard error, written without a detour. The console's streams start a thread for signals at their first write, which a verb
/// does not live long enough to need; a file stream would not move the position that several programs share when they write to one file.
/// </summary>
internal sealed class DescriptorStream(int descriptor) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer) => Posix.Write(descriptor, buffer);

    public override void Write(byte[] buffer, int offset, int count) => Posix.Write(descriptor, buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is held back.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
