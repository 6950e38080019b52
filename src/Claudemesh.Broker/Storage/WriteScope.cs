using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Storage;

/// <summary>
/// What a write may use while it runs: the one write connection, inside a transaction and a savepoint of its own. A write
/// is short, touches at most 1,000 rows, and does nothing but SQL: it runs on the writer's thread, and everybody waits. On a
/// server it may be run again after its transaction was rolled back.
/// </summary>
internal sealed class WriteScope(ISqlSession session, TimeProvider clock)
{
    public Sql Sql => session.Sql;

    public ISqlSession Session => session;

    public Instant Now => clock.GetInstant();

    /// <summary>The workspaces whose audit chain the work that runs has added to.</summary>
    private readonly HashSet<MeshNo> audited = [];

    public void NoteAudited(MeshNo mesh) => audited.Add(mesh);

    /// <summary>Call before a work and after it: what one that was rolled back has noted is forgotten.</summary>
    public MeshNo[] TakeAudited()
    {
        if (audited.Count == 0)
            return [];

        MeshNo[] taken = [.. audited];
        audited.Clear();
        return taken;
    }
}

/// <summary>A write that waits for its turn.</summary>
internal sealed class QueuedWrite(Action<WriteScope> work, CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? failure;

    public Task Done => done.Task;

    /// <summary>Gives up a write that was cancelled before its turn; one that has begun is always finished.</summary>
    public bool GiveUpIfCancelled() => cancellationToken.IsCancellationRequested && done.TrySetCanceled(cancellationToken);

    public void Run(WriteScope scope)
    {
        failure = null;
        work(scope);
    }

    /// <summary>Remembers why this write alone was rolled back, to be told once its neighbours are durable.</summary>
    public void Spoil(Exception why) => failure = why;

    /// <summary>The transaction is durable.</summary>
    public void Complete()
    {
        if (failure is null)
            done.TrySetResult();
        else
            done.TrySetException(failure);
    }

    public void Fail(Exception why) => done.TrySetException(failure ?? why);
}

/// <summary>The database does not take writes at present (full, or broken): worth another try later.</summary>
internal sealed class DatabaseUnavailableException(Exception why)
    : IOException("The database does not take writes at present: " + why.Message, why);
