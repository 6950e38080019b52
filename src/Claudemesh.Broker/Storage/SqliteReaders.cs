using System.Collections.Concurrent;

namespace Claudemesh.Broker.Storage;

/// <summary>
/// The connections that read. A read runs on the caller's thread, is short, and is over before anything is awaited: a read
/// held open would keep the write-ahead log from being taken back.
/// </summary>
internal sealed class SqliteReaders : IDatabaseReaders
{
    public const int Count = 2;

    private readonly ConcurrentBag<SqliteSession> idle = [];
    private readonly SemaphoreSlim free = new(Count);

    public SqliteReaders(string path)
    {
        for (int i = 0; i < Count; i++)
            idle.Add(SqliteSession.OpenReader(path));
    }

    public async ValueTask<T> ReadAsync<T>(Func<ISqlSession, T> read, CancellationToken cancellationToken)
    {
        await free.WaitAsync(cancellationToken);
        SqliteSession? session = null;
        try
        {
            idle.TryTake(out session);
            return read(session!);
        }
        finally
        {
            if (session is not null)
                idle.Add(session);

            free.Release();
        }
    }

    public void Dispose()
    {
        while (idle.TryTake(out SqliteSession? session))
            session.Dispose();

        free.Dispose();
    }
}
