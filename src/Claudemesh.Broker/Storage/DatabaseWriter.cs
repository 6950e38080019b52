using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Storage;

/// <summary>
/// The one writer of the database: a thread that owns the write connection and puts everything that waits into one
/// transaction, delivery steps first. Under load the batch grows and the cost per message falls; alone, a message waits
/// for nobody. Nobody's continuation runs on this thread.
/// </summary>
internal sealed partial class DatabaseWriter : IDatabaseWriter
{
    public const int BatchMessagesMax = 1_024;
    public const long BatchBytesMax = 4 << 20;

    /// <summary>After this age a batch takes no more of the other writes; the first is always taken, so that none starves.</summary>
    public static readonly TimeSpan BatchAgeMax = TimeSpan.FromMilliseconds(2);

    /// <summary>How long a database that failed is left alone before it is tried again.</summary>
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private readonly SqliteSession session;
    private readonly TimeProvider clock;
    private readonly WriteScope scope;
    private readonly DeliveryRows rows;
    private readonly CursorMoves moves;
    private readonly WriterIntake intake = new();
    private readonly CommitReports reports;
    private readonly StorageMetrics metrics;
    private readonly ITimer probeTimer;
    private readonly Thread thread;

    private readonly List<PostedStep> steps = [];
    private readonly List<Failure?> fates = [];
    private readonly List<QueuedWrite> writes = [];
    private volatile bool healthy = true;

    private readonly ILogger logger;

    public DatabaseWriter(SqliteSession session, StorageMetrics metrics, TimeProvider clock, ILogger logger)
    {
        this.session = session;
        this.metrics = metrics;
        this.clock = clock;
        this.logger = logger;
        scope = new WriteScope(session, clock);
        rows = new DeliveryRows(session);
        moves = new CursorMoves(clock, () => intake.Call(WriterDuty.Cursors));
        reports = new CommitReports(logger);
        probeTimer = clock.CreateTimer(
            static state => ((WriterIntake)state!).Call(WriterDuty.Probe), intake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        metrics.Watch(() => intake.WritesWaiting);
        thread = new Thread(Run) { IsBackground = true, Name = "database writer" };
        thread.Start();
    }

    /// <summary>False from a failed transaction until one succeeds again.</summary>
    public bool Healthy => healthy;

    /// <summary>Cursor moves that are not in the file yet.</summary>
    public CursorMoves Moves => moves;

    /// <summary>Hands a step over and returns at once.</summary>
    public void Post(PostedStep posted)
    {
        if (!posted.Step.NeedsCommit)
        {
            moves.Add(posted.Step);
            return;
        }

        if (!intake.TryAdd(posted))
        {
            reports.Add(posted.Listener, posted.Step.No, Failure.Disk);
            reports.Release();
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> on the writer's thread in a savepoint of the next transaction; completes when that is
    /// durable. What the work throws rolls back itself alone and comes out here.
    /// </summary>
    /// <exception cref="DatabaseUnavailableException">The transaction failed as a whole; nothing of it was written.</exception>
    public async Task<T> WriteAsync<T>(Func<WriteScope, T> work, CancellationToken cancellationToken)
    {
        T result = default!;
        QueuedWrite write = new(inner => result = work(inner), cancellationToken);
        await intake.AddAsync(write, cancellationToken);
        await write.Done;
        return result;
    }

    /// <summary>Writes what was accepted, then ends the thread and closes the connection.</summary>
    public void Dispose()
    {
        intake.Call(WriterDuty.Stop);
        thread.Join();
        probeTimer.Dispose();
        moves.Dispose();
        intake.Dispose();
        session.Dispose();
    }

    private void Run()
    {
        WriterDuty duties;
        do
        {
            duties = intake.Take(steps, out bool hasWrites);
            if (duties.HasFlag(WriterDuty.Probe))
                Probe();

            // While the disk fails, cursors wait for the probe instead of failing ten times a second.
            bool flush = duties.HasFlag(WriterDuty.Cursors) || duties.HasFlag(WriterDuty.Stop);
            if (steps.Count > 0 || hasWrites || (flush && healthy && moves.Waiting))
                WriteBatch(flush);
        }
        while (!duties.HasFlag(WriterDuty.Stop));
    }

    private void WriteBatch(bool flush)
    {
        long started = clock.GetTimestamp();
        try
        {
            int messages = WriteSteps();
            RunWrites(started);
            int cursors = rows.WriteMoves(moves.Take(flush));
            session.Prepared("COMMIT").Execute();
            moves.Taken(kept: true, rows.StepMoves);
            metrics.Committed(steps.Count, messages, writes.Count, cursors, clock.GetElapsedTime(started));
            Report(failed: null);
            if (steps.Count > 0)
                healthy = true;
        }
#pragma warning disable CA1031 // Whatever it was, the transaction is gone and everybody in it has to hear of it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Fail(failure);
        }
        finally
        {
            steps.Clear();
            fates.Clear();
            writes.Clear();
            rows.StepMoves.Clear();
        }
    }

    /// <returns>The number of messages written.</returns>
    private int WriteSteps()
    {
        session.Prepared("BEGIN IMMEDIATE").Execute();
        try
        {
            int messages = 0;
            foreach (PostedStep posted in steps)
                fates.Add(rows.TryWrite(posted, ref messages) ? null : Failure.Fenced);

            return messages;
        }
        catch (SqliteException failure) when (failure.IsConstraint())
        {
            // Some step gives a position out twice. Begin again and find out which, so that the others do not suffer.
            LogContradiction(failure);
            session.RollBackIfOpen();
            fates.Clear();
            rows.StepMoves.Clear();
            return WriteStepsApart();
        }
    }

    private int WriteStepsApart()
    {
        session.Prepared("BEGIN IMMEDIATE").Execute();
        int messages = 0;
        foreach (PostedStep posted in steps)
        {
            session.Prepared("SAVEPOINT one").Execute();
            int messagesBefore = messages;
            int movesBefore = rows.StepMoves.Count;
            try
            {
                fates.Add(rows.TryWrite(posted, ref messages) ? null : Failure.Fenced);
            }
            catch (SqliteException failure) when (failure.IsConstraint() && !session.IsOutsideTransaction)
            {
                session.Prepared("ROLLBACK TO one").Execute();
                rows.StepMoves.RemoveRange(movesBefore, rows.StepMoves.Count - movesBefore);
                messages = messagesBefore;
                fates.Add(Failure.Fenced);
            }

            session.Prepared("RELEASE one").Execute();
        }

        return messages;
    }

    private void RunWrites(long started)
    {
        while ((writes.Count == 0 || clock.GetElapsedTime(started) < BatchAgeMax) && intake.TakeWrite() is { } write)
        {
            if (write.GiveUpIfCancelled())
                continue;

            writes.Add(write);
            session.Prepared("SAVEPOINT one").Execute();
            try
            {
                write.Run(scope);
            }
#pragma warning disable CA1031 // The work is anybody's; its failure is its own.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                if (session.IsOutsideTransaction)
                    throw;

                write.Spoil(failure);
                session.Prepared("ROLLBACK TO one").Execute();
            }

            session.Prepared("RELEASE one").Execute();
        }
    }

    private void Report(Exception? failed)
    {
        for (int i = 0; i < steps.Count; i++)
            reports.Add(steps[i].Listener, steps[i].Step.No, failed is null ? fates[i] : Failure.Disk);

        reports.Release();
        foreach (QueuedWrite write in writes)
        {
            if (failed is null)
                write.Complete();
            else
                write.Fail(failed);
        }
    }

    private void Fail(Exception failure)
    {
        if (healthy)
            LogFailed(failure);

        metrics.Failed();
        healthy = false;
        moves.Taken(kept: false, []);
        try
        {
            session.RollBackIfOpen();
        }
        catch (SqliteException again)
        {
            LogFailed(again);
        }

        Report(new DatabaseUnavailableException(failure));
        probeTimer.Change(ProbeInterval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Only rows that need new pages prove anything: an empty transaction succeeds on a full disk.</summary>
    private void Probe()
    {
        if (healthy)
            return;

        try
        {
            session.Execute(
                """
                INSERT INTO write_probe (no, filler) VALUES (1, zeroblob(65536))
                  ON CONFLICT (no) DO UPDATE SET filler = excluded.filler
                """);
            session.Execute("DELETE FROM write_probe");
            healthy = true;
            LogHealthyAgain();
            intake.Call(WriterDuty.Cursors);
        }
        catch (SqliteException)
        {
            session.RollBackIfOpen();
            probeTimer.Change(ProbeInterval, Timeout.InfiniteTimeSpan);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A transaction failed; what was in it is answered as not written")]
    private partial void LogFailed(Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "A delivery step contradicts the database; its workspace is opened again")]
    private partial void LogContradiction(Exception failure);

    [LoggerMessage(Level = LogLevel.Information, Message = "The database takes writes again")]
    private partial void LogHealthyAgain();
}
