using System.Collections.Concurrent;

namespace Claudemesh.Broker.Storage;

/// <summary>
/// The connections that read from a server. Each has a thread, because a read waits for the network and the stores' reads are
/// written without a wait: on the pool's threads they would keep sockets from being served.
/// </summary>
internal sealed class PostgresReaders : IDatabaseReaders
{
    public const int Count = 4;

    /// <summary>Reads that may wait for a thread; who comes then waits outside.</summary>
    public const int WaitingMax = 4_096;

    private readonly PostgresServer server;
    private readonly BlockingCollection<QueuedRead> waiting = [];
    private readonly SemaphoreSlim room = new(WaitingMax);
    private readonly Thread[] threads;

    public PostgresReaders(PostgresServer server)
    {
        this.server = server;
        threads = [.. Enumerable.Range(1, Count).Select(no => new Thread(Run) { IsBackground = true, Name = $"database reader {no}" })];
        foreach (Thread thread in threads)
            thread.Start();
    }

    public async ValueTask<T> ReadAsync<T>(Func<ISqlSession, T> read, CancellationToken cancellationToken)
    {
        await room.WaitAsync(cancellationToken);
        T result = default!;
        QueuedRead queued = new(session => result = read(session), cancellationToken);
        try
        {
            waiting.Add(queued, CancellationToken.None);
        }
        catch (InvalidOperationException closed)
        {
            room.Release();
            throw new ObjectDisposedException("The database is closed.", closed);
        }

        await queued.Done;
        return result;
    }

    public void Dispose()
    {
        waiting.CompleteAdding();
        foreach (Thread thread in threads)
            thread.Join();

        waiting.Dispose();
        room.Dispose();
    }

    private void Run()
    {
        PostgresSession? session = null;
        foreach (QueuedRead read in waiting.GetConsumingEnumerable())
        {
            room.Release();
            read.Run(server, ref session);
        }

        session?.Dispose();
    }

    private sealed class QueuedRead(Action<ISqlSession> read, CancellationToken cancellationToken)
    {
        private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => done.Task;

        /// <summary>A connection may have ended while nobody used it, so what fails on an old one is tried on a new one.</summary>
        public void Run(PostgresServer server, ref PostgresSession? session)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                done.TrySetCanceled(cancellationToken);
                return;
            }

            bool isOld = session is not null;
            try
            {
                session ??= server.Open();
                read(session);
                done.TrySetResult();
            }
#pragma warning disable CA1031 // The read is anybody's; its failure is told to whom it belongs.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                if (!failure.EndsConnection())
                {
                    done.TrySetException(failure);
                    return;
                }

                session?.Dispose();
                session = null;
                if (isOld)
                    Run(server, ref session);
                else
                    done.TrySetException(new DatabaseUnavailableException(failure));
            }
        }
    }
}
