namespace Claudemesh.Daemon.Auditing;

/// <summary>Tells those who wait that a workspace's audit chain has grown, as the broker says, or may have, as after a connection was lost.</summary>
internal sealed class AuditGrowth
{
    private volatile TaskCompletionSource grown = Fresh();

    /// <summary>Ends with the next growth. Take it before you look.</summary>
    public Task Next => grown.Task;

    public void Grew() => Interlocked.Exchange(ref grown, Fresh()).TrySetResult();

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
