using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Storage;

/// <summary>
/// The door for delivery steps on their way to a server. Several take from it at once, and never steps of one workspace at the
/// same time: they would overtake each other. The first taker, who carries the cursor moves, is not idle while another works.
/// </summary>
internal sealed class PostgresIntake
{
    private readonly object gate = new();
    private readonly Queue<PostedStep> waiting = new();
    private readonly HashSet<MeshNo> busy = [];
    private WriterDuty duties;
    private bool firstIsIdle;
    private bool stopping;

    /// <returns>False when nothing more is taken.</returns>
    public bool TryAdd(PostedStep step)
    {
        lock (gate)
        {
            if (stopping)
                return false;

            waiting.Enqueue(step);
            Monitor.PulseAll(gate);
            return true;
        }
    }

    public void Call(WriterDuty duty)
    {
        lock (gate)
        {
            duties |= duty;
            stopping |= duty.HasFlag(WriterDuty.Stop);
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Waits until there is something to do and takes the steps that fit in one transaction.</summary>
    /// <param name="first">Whether this taker does the duties; <see cref="WriterDuty.Stop"/> is everybody's, once nothing waits.</param>
    public WriterDuty Take(List<PostedStep> batch, bool first)
    {
        lock (gate)
        {
            while (true)
            {
                if (first || !firstIsIdle)
                    TakeSteps(batch);

                WriterDuty called = duties & (first ? WriterDuty.Cursors | WriterDuty.Probe : WriterDuty.None);
                duties &= ~called;
                if (stopping && batch.Count == 0 && waiting.Count == 0)
                    called |= WriterDuty.Stop;

                bool hasWork = batch.Count > 0 || called != WriterDuty.None;
                if (first)
                    firstIsIdle = !hasWork;

                if (hasWork)
                {
                    // What does not fit is for the others.
                    if (waiting.Count > 0)
                        Monitor.PulseAll(gate);

                    return called;
                }

                Monitor.Wait(gate);
            }
        }
    }

    /// <summary>The taken steps have met their fate, and others of their workspaces may follow.</summary>
    public void Done(List<PostedStep> batch)
    {
        lock (gate)
        {
            foreach (PostedStep posted in batch)
                busy.Remove(posted.Activation.Mesh);

            Monitor.PulseAll(gate);
        }
    }

    private void TakeSteps(List<PostedStep> batch)
    {
        int messages = 0;
        long bytes = 0;
        HashSet<MeshNo>? own = null;
        // Each is looked at once, and what stays keeps its order.
        for (int left = waiting.Count; left > 0; left--)
        {
            PostedStep posted = waiting.Dequeue();
            MeshNo mesh = posted.Activation.Mesh;
            bool isMine = own is not null && own.Contains(mesh);
            bool isFull = messages >= DatabaseWriter.BatchMessagesMax || bytes >= DatabaseWriter.BatchBytesMax;
            if (isFull || (!isMine && !busy.Add(mesh)))
            {
                waiting.Enqueue(posted);
                continue;
            }

            (own ??= []).Add(mesh);
            batch.Add(posted);
            posted.Step.Weigh(ref messages, ref bytes);
        }
    }
}
