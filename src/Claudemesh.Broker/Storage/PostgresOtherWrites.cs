namespace Claudemesh.Broker.Storage;

/// <summary>
/// The writes that are not delivery steps, on a thread and a connection of their own: what waits shares one transaction, each in
/// a savepoint, one after another. A lock of the database keeps other brokers on it from running theirs meanwhile, so a store
/// may look first and write then, as on SQLite.
/// </summary>
internal sealed class PostgresOtherWrites : IDisposable
{
    private const int TriesMax = 3;

    private readonly PostgresServer server;
    private readonly PostgresHealth health;
    private readonly StorageMetrics metrics;
    private readonly TimeProvider clock;
    private readonly WriterIntake intake = new();
    private readonly List<QueuedWrite> writes = [];
    private readonly Thread thread;
    private PostgresSession? session;
    private bool committing;

    public PostgresOtherWrites(PostgresServer server, PostgresHealth health, StorageMetrics metrics, TimeProvider clock)
    {
        this.server = server;
        this.health = health;
        this.metrics = metrics;
        this.clock = clock;
        metrics.Watch(() => intake.WritesWaiting);
        thread = new Thread(Run) { IsBackground = true, Name = "database writer" };
        thread.Start();
    }

    public async Task<T> WriteAsync<T>(Func<WriteScope, T> work, CancellationToken cancellationToken)
    {
        T result = default!;
        QueuedWrite write = new(inner => result = work(inner), cancellationToken);
        await intake.AddAsync(write, cancellationToken);
        await write.Done;
        return result;
    }

    public void Dispose()
    {
        intake.Call(WriterDuty.Stop);
        thread.Join();
        session?.Dispose();
        intake.Dispose();
    }

    private void Run()
    {
        List<PostedStep> none = [];
        WriterDuty duties;
        do
        {
            duties = intake.Take(none, out bool hasWrites);
            if (hasWrites)
                WriteBatch();
        }
        while (!duties.HasFlag(WriterDuty.Stop));
    }

    private void WriteBatch()
    {
        long started = clock.GetTimestamp();
        try
        {
            Commit(started);
            metrics.Committed(stepCount: 0, messageCount: 0, writes.Count, cursorRows: 0, clock.GetElapsedTime(started));
            health.Good();
            foreach (QueuedWrite write in writes)
                write.Complete();
        }
#pragma warning disable CA1031 // Whatever it was, the transaction is gone and everybody in it has to hear of it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            metrics.Failed();
            health.Bad(failure);
            foreach (QueuedWrite write in writes)
                write.Fail(failure as DatabaseUnavailableException ?? new DatabaseUnavailableException(failure));
        }
        finally
        {
            writes.Clear();
        }
    }

    /// <summary>
    /// Runs them again after a collision, and on a new connection when the old one turns out to have ended meanwhile; but not
    /// once the commit is on its way, for then they may be done.
    /// </summary>
    private void Commit(long started)
    {
        for (int attempt = 1; ; attempt++)
        {
            bool isOld = session is not null;
            committing = false;
            try
            {
                RunAll(session ??= server.Open(), started);
                return;
            }
            catch (Exception failure)
            {
                bool ended = failure.EndsConnection();
                Abandon(ended);
                if (attempt == TriesMax || committing || !(failure.IsCollision() || (ended && isOld)))
                    throw;
            }
        }
    }

    private void RunAll(PostgresSession open, long started)
    {
        WriteScope scope = new(open, clock);
        open.Execute($"BEGIN; {PostgresLocks.Writes}");
        foreach (QueuedWrite write in writes)
            RunOne(open, scope, write);

        while ((writes.Count == 0 || clock.GetElapsedTime(started) < DatabaseWriter.BatchAgeMax) && intake.TakeWrite() is { } write)
        {
            if (write.GiveUpIfCancelled())
                continue;

            writes.Add(write);
            RunOne(open, scope, write);
        }

        committing = true;
        open.Execute("COMMIT");
    }

    private static void RunOne(PostgresSession open, WriteScope scope, QueuedWrite write)
    {
        open.Execute("SAVEPOINT one");
        try
        {
            write.Run(scope);
        }
        catch (Exception failure) when (!failure.EndsConnection() && !failure.IsCollision())
        {
            write.Spoil(failure);
            open.Execute("ROLLBACK TO one");
        }

        open.Execute("RELEASE one");
    }

    private void Abandon(bool ended)
    {
        try
        {
            if (!ended)
            {
                session?.RollBackIfOpen();
                return;
            }
        }
        catch (Npgsql.NpgsqlException)
        {
            // It has ended after all.
        }

        session?.Dispose();
        session = null;
    }
}
