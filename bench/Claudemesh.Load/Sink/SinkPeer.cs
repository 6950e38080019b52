namespace Claudemesh.Load.Sink;

/// <summary>One connection of the sink: what waits for it leaves in one write, by one writer, as it does in the broker.</summary>
internal sealed class SinkPeer(Stream transport) : IThreadPoolWorkItem
{
    private const int BufferBytesMin = 4096;

    private readonly Lock gate = new();
    private byte[] waiting = new byte[BufferBytesMin];
    private byte[] writing = new byte[BufferBytesMin];
    private int waitingBytes;
    private int writingBytes;
    private bool isWriting;
    private bool isGone;

    /// <summary>64 hexadecimal digits; empty before the hello.</summary>
    public byte[] Key { get; set; } = [];

    /// <summary>Queues a frame; it leaves after <see cref="Kick"/>.</summary>
    public void Enqueue(ReadOnlySpan<byte> frame)
    {
        lock (gate)
        {
            if (isGone)
                return;

            if (waiting.Length - waitingBytes < frame.Length)
                Array.Resize(ref waiting, Math.Max(2 * waiting.Length, waitingBytes + frame.Length));

            frame.CopyTo(waiting.AsSpan(waitingBytes));
            waitingBytes += frame.Length;
        }
    }

    public void Kick()
    {
        lock (gate)
        {
            if (isWriting || isGone || waitingBytes == 0)
                return;

            isWriting = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Leave()
    {
        lock (gate)
            isGone = true;
    }

    void IThreadPoolWorkItem.Execute() => _ = WriteAsync();

    private async Task WriteAsync()
    {
        try
        {
            while (TakeWaiting())
                await transport.WriteAsync(writing.AsMemory(0, writingBytes));
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The peer left; its reading side has seen it too.
            Leave();
        }
    }

    private bool TakeWaiting()
    {
        lock (gate)
        {
            isWriting = waitingBytes > 0 && !isGone;
            if (!isWriting)
                return false;

            (waiting, writing) = (writing, waiting);
            (waitingBytes, writingBytes) = (0, waitingBytes);
            return true;
        }
    }
}
