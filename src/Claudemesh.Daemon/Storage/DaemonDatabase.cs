using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Claudemesh.Daemon.Storage;

/// <summary>
/// The one file. Every write goes through one loop, which puts all that waits into one transaction: under load a message costs a part of an fsync.
/// A write's task ends after its commit, never before.
/// </summary>
internal sealed class DaemonDatabase : IAsyncDisposable
{
    private const int BatchMax = 512;
    private const int WaitingMax = 4096;
    private const int ReadersMax = 4;

    private readonly string path;
    private readonly Sql writer;
    private readonly Action written;
    private readonly Channel<Write> writes = Channel.CreateBounded<Write>(new BoundedChannelOptions(WaitingMax) { SingleReader = true });
    private readonly ConcurrentBag<Sql> readers = [];
    private readonly Task loop;

    private DaemonDatabase(string path, Sql writer, Action written)
    {
        this.path = path;
        this.writer = writer;
        this.written = written;
        loop = Task.Run(WriteAllAsync);
    }

    /// <summary>Opens or makes the file (mode 0600) and brings it to this build's shape.</summary>
    /// <param name="written">Told after each transaction; null: nobody asks.</param>
    public static DaemonDatabase Open(string path, TimeProvider clock, Action? written = null)
    {
        // SQLite gives its -wal and -shm files the mode of the file itself, so that must be right before it first opens it.
        using (new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
        }

        var sql = new Sql(path);
        try
        {
            Migrations.Apply(sql, clock);
            return new DaemonDatabase(path, sql, written ?? (static () => { }));
        }
        catch
        {
            sql.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction shared with its neighbours and returns after the commit. It may run twice when a neighbour fails, so
    /// it must touch nothing but the database. It returns a value; it does not wait.
    /// </summary>
    public async Task<T> WriteAsync<T>(Func<Sql, T> work, CancellationToken cancellationToken)
    {
        var write = new Write<T>(work);
        await writes.Writer.WriteAsync(write, cancellationToken);
        return await write.Task;
    }

    public Task WriteAsync(Action<Sql> work, CancellationToken cancellationToken) =>
        WriteAsync(
            sql =>
            {
                work(sql);
                return true;
            },
            cancellationToken);

    /// <summary>Reads what is committed; short statements only.</summary>
    public T Read<T>(Func<Sql, T> work)
    {
        if (!readers.TryTake(out Sql? reader))
            reader = new Sql(path);

        bool keep = false;
        try
        {
            T result = work(reader);
            keep = readers.Count < ReadersMax;
            return result;
        }
        finally
        {
            // One whose statement threw may hold it half read, so it is not kept.
            if (keep)
                readers.Add(reader);
            else
                reader.Dispose();
        }
    }

    /// <summary>
    /// Moves what was written ahead into the file and empties that: only then what was deleted is nowhere. Somebody who reads now delays it to the next time.
    /// </summary>
    public void Scrub() => Read(sql =>
    {
        sql.RunScript("PRAGMA wal_checkpoint(TRUNCATE)");
        return true;
    });

    public async ValueTask DisposeAsync()
    {
        writes.Writer.TryComplete();
        await loop;
        while (readers.TryTake(out Sql? reader))
            reader.Dispose();
        writer.Dispose();
    }

    private async Task WriteAllAsync()
    {
        var batch = new List<Write>(BatchMax);
        while (await writes.Reader.WaitToReadAsync())
        {
            while (batch.Count < BatchMax && writes.Reader.TryRead(out Write? write))
                batch.Add(write);

            if (!TryCommit(batch, out Exception? error))
            {
                // Each alone: a failure is its author's only.
                foreach (Write write in batch)
                {
                    if (batch.Count > 1 && TryCommit([write], out error))
                        write.Complete();
                    else
                        write.Fail(error!);
                }
            }
            else
            {
                foreach (Write write in batch)
                    write.Complete();
            }

            batch.Clear();
            written();
        }
    }

    private bool TryCommit(List<Write> batch, out Exception? error)
    {
        bool open = false;
        try
        {
            writer.Execute("BEGIN IMMEDIATE");
            open = true;
            foreach (Write write in batch)
                write.Run(writer);
            writer.Execute("COMMIT");
            error = null;
            return true;
        }
#pragma warning disable CA1031 // Whatever it is, it is told to the write's author; the loop must live.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            error = failure;
            if (open)
                TryRollBack();
            return false;
        }
    }

    private void TryRollBack()
    {
        try
        {
            writer.Execute("ROLLBACK");
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
        {
            // SQLite has rolled back by itself, as it does when the disk is full.
        }
    }

    private abstract class Write
    {
        public abstract void Run(Sql sql);

        public abstract void Complete();

        public abstract void Fail(Exception error);
    }

    private sealed class Write<T>(Func<Sql, T> work) : Write
    {
        private readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? result;

        public Task<T> Task => done.Task;

        public override void Run(Sql sql) => result = work(sql);

        public override void Complete() => done.TrySetResult(result!);

        public override void Fail(Exception error) => done.TrySetException(error);
    }
}
