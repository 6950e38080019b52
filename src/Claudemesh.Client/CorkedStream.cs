namespace Claudemesh.Client;

/// <summary>
/// Holds writes back while it is corked, so that many small frames leave the machine in one write. The framework's WebSocket writes each
/// frame by itself and has no such means. Pings may be written at any time by somebody else, hence the gate.
/// </summary>
internal sealed class CorkedStream(Stream inner) : Stream
{
    /// <summary>What does not fit is written at once: holding back more saves nothing.</summary>
    internal const int HeldBytesMax = 64 * 1024;

    private readonly SemaphoreSlim gate = new(1);
    private readonly byte[] held = new byte[HeldBytesMax];
    private int heldLength;
    private volatile bool corked;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    internal void Cork() => corked = true;

    /// <summary>Writes what was held back. Everything that is written from here on leaves at once.</summary>
    internal async ValueTask UncorkAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            corked = false;
            await WriteHeldAsync(cancellationToken);
        }
        finally
        {
            gate.Release();
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            if (buffer.Length > held.Length - heldLength)
                await WriteHeldAsync(cancellationToken);

            if (corked && buffer.Length <= held.Length)
            {
                buffer.CopyTo(held.AsMemory(heldLength));
                heldLength += buffer.Length;
            }
            else
            {
                await WriteHeldAsync(cancellationToken);
                await inner.WriteAsync(buffer, cancellationToken);
            }
        }
        finally
        {
            gate.Release();
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.ReadAsync(buffer, offset, count, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Everything is written asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask WriteHeldAsync(CancellationToken cancellationToken)
    {
        if (heldLength == 0)
            return;

        int length = heldLength;
        heldLength = 0;
        await inner.WriteAsync(held.AsMemory(0, length), cancellationToken);
    }
}
