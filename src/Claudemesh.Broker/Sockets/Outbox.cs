using System.Buffers;

namespace Claudemesh.Broker.Sockets;

/// <summary>What an outbox tells its connection; called outside the outbox's lock, on any thread.</summary>
internal interface IOutboxObserver
{
    /// <summary>More than <see cref="Outbox.BytesHighMark"/> waits: stop pushing to this connection.</summary>
    void OnCrowded();

    /// <summary>Less than <see cref="Outbox.BytesLowMark"/> waits again.</summary>
    void OnRoom();

    /// <summary>Events were dropped; the one frame that says so is to be sent in their place.</summary>
    SharedFrame? OnEventsDropped();

    /// <summary>The transport is broken or the peer let more than <see cref="Outbox.BytesMax"/> pile up.</summary>
    void OnBroken();
}

/// <summary>
/// The outgoing queue of one connection: shared frames, sent in order by one writer that puts as many as wait into one
/// write to the socket. Bounded: pushes stop at the high mark (the store keeps what is not pushed), events give way to one
/// resync, and a peer that asks and never reads is cut.
/// </summary>
internal sealed class Outbox(Stream transport, IOutboxObserver observer, SocketMetrics metrics) : IThreadPoolWorkItem
{
    public const int BytesHighMark = 1024 * 1024;
    public const int BytesLowMark = 256 * 1024;
    public const int BytesMax = 8 * 1024 * 1024;
    public const int EventsMax = 1024;

    /// <summary>Of events that wait; changed objects can be large.</summary>
    public const int EventBytesMax = 4 * 1024 * 1024;

    private const int WriteBytesMax = 64 * 1024;

    private readonly Lock gate = new();
    private readonly Queue<(SharedFrame Frame, bool Event)> waiting = new();
    private TaskCompletionSource? drained;
    private TaskCompletionSource? idle;
    private long bytes;
    private int events;
    private long eventBytes;
    private bool writing;
    private bool crowded;
    private bool dropping;
    private bool completing;
    private bool broken;

    /// <summary>Takes over one reference to the frame. Nothing is sent before <see cref="Kick"/>.</summary>
    public void Enqueue(SharedFrame frame)
    {
        bool nowCrowded = false, nowBroken = false;
        lock (gate)
        {
            if (broken || completing)
            {
                frame.Release();
                return;
            }

            waiting.Enqueue((frame, false));
            bytes += frame.Length;
            if (bytes > BytesMax)
                nowBroken = broken = true;
            else if (bytes > BytesHighMark && !crowded)
                nowCrowded = crowded = true;
        }

        if (nowBroken)
        {
            metrics.Cut();
            observer.OnBroken();
        }
        else if (nowCrowded)
        {
            metrics.Crowded();
            observer.OnCrowded();
        }
    }

    /// <summary>Queues something that is not stored: it is replaced by one resync when such frames pile up.</summary>
    public void EnqueueEvent(SharedFrame frame)
    {
        lock (gate)
        {
            if (!broken && !completing && events < EventsMax && eventBytes + frame.Length <= EventBytesMax)
            {
                waiting.Enqueue((frame, true));
                bytes += frame.Length;
                eventBytes += frame.Length;
                events++;
                return;
            }

            frame.Release();
            if (broken || completing)
                return;

            metrics.DroppedEvent();
            if (dropping)
                return;

            dropping = true;
        }

        if (observer.OnEventsDropped() is { } resync)
            Enqueue(resync);
    }

    /// <summary>Starts the writer unless it runs.</summary>
    public void Kick()
    {
        if (TryBeginWriting())
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <returns>True when there is something to write and nobody writes it: the caller owes a <see cref="Write"/>.</returns>
    public bool TryBeginWriting()
    {
        lock (gate)
        {
            if (writing || waiting.Count == 0 || broken)
                return false;

            return writing = true;
        }
    }

    /// <summary>Writes until nothing waits. What the socket does not take at once is written when it does.</summary>
    public void Write() => _ = WriteAsync();

    /// <summary>Takes no more frames; the task ends when what waits has been written.</summary>
    public Task CompleteAsync()
    {
        lock (gate)
        {
            completing = true;
            drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (broken || (!writing && waiting.Count == 0))
                drained.TrySetResult();
        }

        Kick();
        return drained.Task;
    }

    /// <summary>Forgets what waits and takes no more.</summary>
    public void Abandon()
    {
        lock (gate)
        {
            broken = true;
            if (!writing)
            {
                Discard();
                BeIdle();
            }

            drained?.TrySetResult();
        }
    }

    /// <summary>Ends when nothing waits and nobody writes: from then on until the next frame the transport is left alone.</summary>
    public Task IdleAsync()
    {
        lock (gate)
            return writing || waiting.Count > 0 ? (idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
    }

    void IThreadPoolWorkItem.Execute() => Write();

    private async Task WriteAsync()
    {
        byte[]? gathered = null;
        try
        {
            while (Take(out SharedFrame? single, ref gathered, out int length))
            {
                // A stream of an upgraded connection flushes with each write.
                await transport.WriteAsync(single?.Memory ?? gathered.AsMemory(0, length));
                single?.Release();
                if (TakesRoom())
                    observer.OnRoom();
            }
        }
        catch (Exception)
        {
            // Whatever the transport threw, the reading side sees the end of the socket and says why.
            lock (gate)
            {
                broken = true;
                Discard();
                writing = false;
                BeIdle();
                drained?.TrySetResult();
            }

            observer.OnBroken();
        }
        finally
        {
            if (gathered is not null)
                ArrayPool<byte>.Shared.Return(gathered);
        }
    }

    /// <summary>Takes what is to be written next: one frame as it is, or as many as fit copied together. False ends the writer.</summary>
    private bool Take(out SharedFrame? single, ref byte[]? gathered, out int length)
    {
        single = null;
        length = 0;
        lock (gate)
        {
            if (broken)
                Discard();

            if (waiting.Count == 0)
            {
                writing = false;
                BeIdle();
                if (completing || broken)
                    drained?.TrySetResult();

                return false;
            }

            int before = waiting.Count;
            if (waiting.Count == 1 || waiting.Peek().Frame.Length >= WriteBytesMax)
                single = Dequeue();
            else
                length = Gather(gathered ??= ArrayPool<byte>.Shared.Rent(WriteBytesMax));

            metrics.Sent(before - waiting.Count, single?.Length ?? length);

            dropping &= events > 0;
            return true;
        }
    }

    private int Gather(byte[] buffer)
    {
        int length = 0;
        while (waiting.TryPeek(out (SharedFrame Frame, bool Event) next) && length + next.Frame.Length <= buffer.Length)
        {
            next.Frame.Span.CopyTo(buffer.AsSpan(length));
            length += next.Frame.Length;
            Dequeue().Release();
        }

        return length;
    }

    private SharedFrame Dequeue()
    {
        (SharedFrame frame, bool isEvent) = waiting.Dequeue();
        bytes -= frame.Length;
        if (isEvent)
        {
            events--;
            eventBytes -= frame.Length;
        }

        return frame;
    }

    private bool TakesRoom()
    {
        lock (gate)
        {
            if (!crowded || bytes > BytesLowMark)
                return false;

            crowded = false;
            return true;
        }
    }

    private void BeIdle()
    {
        idle?.TrySetResult();
        idle = null;
    }

    private void Discard()
    {
        while (waiting.TryDequeue(out (SharedFrame Frame, bool Event) next))
            next.Frame.Release();

        bytes = 0;
        events = 0;
        eventBytes = 0;
    }
}
