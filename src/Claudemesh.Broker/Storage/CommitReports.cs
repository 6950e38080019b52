using System.Collections.Concurrent;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Storage;

/// <summary>
/// Tells listeners the fate of their steps on a thread-pool thread, one after another in the order of the commits, so that
/// the writer goes on with the next batch meanwhile.
/// </summary>
internal sealed partial class CommitReports(ILogger logger) : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<(ICommitListener Listener, StepNo Step, Failure? Why)> waiting = new();
    private int scheduled;

    public void Add(ICommitListener listener, StepNo step, Failure? why) => waiting.Enqueue((listener, step, why));

    /// <summary>Lets out what was added.</summary>
    public void Release()
    {
        if (!waiting.IsEmpty && Interlocked.Exchange(ref scheduled, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    public void Execute()
    {
        do
        {
            while (waiting.TryDequeue(out (ICommitListener Listener, StepNo Step, Failure? Why) report))
                Tell(report.Listener, report.Step, report.Why);

            Volatile.Write(ref scheduled, 0);
            // Something may have come between the last look and the line above, and found us scheduled.
        }
        while (!waiting.IsEmpty && Interlocked.Exchange(ref scheduled, 1) == 0);
    }

    private void Tell(ICommitListener listener, StepNo step, Failure? why)
    {
        try
        {
            if (why is { } failure)
                listener.OnFailed(step, failure);
            else
                listener.OnCommitted(step);
        }
#pragma warning disable CA1031 // One listener's bug must not keep the others from being told.
        catch (Exception bug)
#pragma warning restore CA1031
        {
            LogListenerFailed(bug, step.Value);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A listener failed to hear of step {Step}")]
    private partial void LogListenerFailed(Exception bug, long step);
}
