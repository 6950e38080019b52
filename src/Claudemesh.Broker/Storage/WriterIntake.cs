using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Storage;

/// <summary>A step in the queue, with the activation it is valid for.</summary>
internal readonly record struct PostedStep(Activation Activation, Step Step, ICommitListener Listener);

/// <summary>What the writer is woken for.</summary>
[Flags]
internal enum WriterDuty
{
    None = 0,
    Cursors = 1,
    Probe = 2,
    Stop = 4,
}

/// <summary>
/// The writer's door. Steps need no bound of their own: a workspace has one in the log at a time. Other writes wait
/// outside when <see cref="WritesMax"/> of them wait inside.
/// </summary>
internal sealed class WriterIntake : IDisposable
{
    public const int WritesMax = 1_024;

    private readonly object gate = new();
    private readonly Queue<PostedStep> steps = new();
    private readonly Queue<QueuedWrite> writes = new();
    private readonly SemaphoreSlim room = new(WritesMax);
    private WriterDuty duties;
    private bool stopping;

    public int WritesWaiting => WritesMax - room.CurrentCount;

    /// <returns>False when the writer is stopping and takes nothing more.</returns>
    public bool TryAdd(PostedStep step)
    {
        lock (gate)
        {
            if (stopping)
                return false;

            steps.Enqueue(step);
            Monitor.Pulse(gate);
            return true;
        }
    }

    public async ValueTask AddAsync(QueuedWrite write, CancellationToken cancellationToken)
    {
        await room.WaitAsync(cancellationToken);
        lock (gate)
        {
            if (!stopping)
            {
                writes.Enqueue(write);
                Monitor.Pulse(gate);
                return;
            }
        }

        room.Release();
        throw new ObjectDisposedException(nameof(DatabaseWriter));
    }

    public void Call(WriterDuty duty)
    {
        lock (gate)
        {
            duties |= duty;
            stopping |= duty.HasFlag(WriterDuty.Stop);
            Monitor.Pulse(gate);
        }
    }

    /// <summary>
    /// Waits until there is something to do and takes the steps that fit in one transaction. <see cref="WriterDuty.Stop"/>
    /// comes only after all that was accepted has been taken.
    /// </summary>
    public WriterDuty Take(List<PostedStep> batch, out bool hasWrites)
    {
        lock (gate)
        {
            while (steps.Count == 0 && writes.Count == 0 && duties == WriterDuty.None)
                Monitor.Wait(gate);

            int messages = 0;
            long bytes = 0;
            while (messages < DatabaseWriter.BatchMessagesMax && bytes < DatabaseWriter.BatchBytesMax
                && steps.TryDequeue(out PostedStep posted))
            {
                batch.Add(posted);
                posted.Step.Weigh(ref messages, ref bytes);
            }

            hasWrites = writes.Count > 0;
            WriterDuty called = duties;
            if (steps.Count > 0 || writes.Count > 0)
                called &= ~WriterDuty.Stop;

            duties &= ~called;
            return called;
        }
    }

    public QueuedWrite? TakeWrite()
    {
        QueuedWrite? write;
        lock (gate)
        {
            if (!writes.TryDequeue(out write))
                return null;
        }

        room.Release();
        return write;
    }

    public void Dispose() => room.Dispose();
}

internal static class StepWeight
{
    /// <summary>Adds what a step holds to the messages and bytes of a transaction.</summary>
    public static void Weigh(this Step step, ref int messages, ref long bytes)
    {
        foreach (Output output in step.Writes)
        {
            if (output is not Append append)
                continue;

            messages++;
            bytes += append.Message.Envelope.Size;
        }
    }
}
