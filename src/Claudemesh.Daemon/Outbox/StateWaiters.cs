using System.Collections.Concurrent;

namespace Claudemesh.Daemon.Outbox;

/// <summary>Wakes those who wait for a send to change. Who wakes looks for himself.</summary>
internal sealed class StateWaiters
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> waiting = new(StringComparer.Ordinal);

    /// <summary>Ends at the next change after this call. Call it before looking, or a change in between is missed.</summary>
    public Task NextChange(string batch) =>
        waiting.GetOrAdd(batch, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Changed(string batch)
    {
        if (waiting.TryRemove(batch, out TaskCompletionSource? changed))
            changed.TrySetResult();
    }

    /// <summary>Nobody waits for it any more. A waiter that shared it looks once for nothing.</summary>
    public void Forget(string batch) => Changed(batch);
}
