using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Npgsql;

namespace Claudemesh.Broker.Storage;

/// <summary>
/// One of the connections that delivery steps go to a server on, and its thread: takes everything that waits, sends it in one
/// round trip as one transaction, and reports. The first lane also carries cursor moves and looks whether the server is there.
/// </summary>
internal sealed class PostgresLane(PostgresServer server, PostgresIntake intake, PostgresHealth health, PostgresLaneParts parts) : IDisposable
{
    /// <summary>How often a batch that collided with another transaction is sent.</summary>
    private const int TriesMax = 3;

    private readonly List<PostedStep> steps = [];
    private readonly List<Failure?> fates = [];
    private PostgresSession? session;

    /// <summary>Until nothing more comes and all that was accepted has been written.</summary>
    public void Run()
    {
        WriterDuty duties;
        do
        {
            duties = intake.Take(steps, parts.IsFirst);
            if (duties.HasFlag(WriterDuty.Probe))
                Probe();

            bool flush = parts.IsFirst && (duties & (WriterDuty.Cursors | WriterDuty.Stop)) != WriterDuty.None;
            if (steps.Count > 0 || (flush && health.IsGood && parts.Moves.Waiting))
                WriteBatch(flush);
        }
        while (!duties.HasFlag(WriterDuty.Stop));
    }

    public void Dispose() => session?.Dispose();

    private void WriteBatch(bool flush)
    {
        long started = parts.Clock.GetTimestamp();
        IReadOnlyDictionary<CursorKey, CursorMove> carried = parts.IsFirst ? parts.Moves.Take(flush) : NoMoves;
        try
        {
            int messages = SendTogether(carried);
            Settle(kept: true);
            parts.Metrics.Committed(steps.Count, messages, writeCount: 0, carried.Count, parts.Clock.GetElapsedTime(started));
            health.Good();
        }
#pragma warning disable CA1031 // Whatever it was, everybody in the batch has to hear of it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            fates.Clear();
            fates.AddRange(Enumerable.Repeat<Failure?>(FateAfter(failure), steps.Count));
            Settle(kept: false);
            parts.Metrics.Failed();
            health.Bad(failure);
        }
        finally
        {
            for (int i = 0; i < steps.Count; i++)
                parts.Reports.Add(steps[i].Listener, steps[i].Step.No, fates[i]);

            intake.Done(steps);
            parts.Reports.Release();
            steps.Clear();
            fates.Clear();
        }
    }

    private static Dictionary<CursorKey, CursorMove> NoMoves { get; } = [];

    /// <summary>Cursor moves of steps may be written only with them, or later; so they wait from here on.</summary>
    private void Settle(bool kept)
    {
        if (parts.IsFirst)
            parts.Moves.Taken(kept, []);

        for (int i = 0; i < steps.Count; i++)
        {
            if (fates[i] is null)
                parts.Moves.Add(steps[i].Step);
        }
    }

    /// <returns>The number of messages written.</returns>
    private int SendTogether(IReadOnlyDictionary<CursorKey, CursorMove> carried)
    {
        try
        {
            int messages = Send(steps, carried);
            fates.AddRange(Enumerable.Repeat<Failure?>(null, steps.Count));
            return messages;
        }
        catch (PostgresException failure) when (steps.Count > 0 && (failure.IsFenced() || failure.IsConstraint()))
        {
            // Find out which it is, so that the others do not suffer.
            if (failure.IsConstraint())
                health.Contradiction(failure);

            return SendApart(carried);
        }
    }

    private int SendApart(IReadOnlyDictionary<CursorKey, CursorMove> carried)
    {
        int messages = 0;
        foreach (PostedStep posted in steps)
        {
            try
            {
                messages += Send([posted], NoMoves);
                fates.Add(null);
            }
            catch (PostgresException failure) when (failure.IsFenced() || failure.IsConstraint())
            {
                fates.Add(Failure.Fenced);
            }
        }

        if (carried.Count > 0)
            Send([], carried);

        return messages;
    }

    private int Send(List<PostedStep> batch, IReadOnlyDictionary<CursorKey, CursorMove> carried)
    {
        for (int attempt = 1; ; attempt++)
        {
            session ??= OpenOrThrow();
            using NpgsqlBatch sent = session.NewBatch();
            PostgresRows rows = new(batch);
            if (batch.Count > 0)
                rows.AddTo(sent);

            PostgresMoves.AddTo(sent, carried);
            try
            {
                sent.ExecuteNonQuery();
                return rows.Messages;
            }
            catch (PostgresException failure) when (failure.IsCollision() && attempt < TriesMax)
            {
            }
        }
    }

    private PostgresSession OpenOrThrow()
    {
        try
        {
            return server.Open();
        }
        catch (Exception failure) when (failure.EndsConnection())
        {
            throw new DatabaseUnavailableException(failure);
        }
    }

    /// <summary>
    /// What the server itself refused is not written. When the way to it broke with a batch on it, nobody knows, and the server
    /// may yet be at work on it: the workspace is opened anew, which waits for that or fences it, and reads what there is.
    /// </summary>
    private Failure FateAfter(Exception failure)
    {
        if (failure.EndsConnection())
        {
            session?.Dispose();
            session = null;
        }

        return failure is PostgresException or DatabaseUnavailableException ? Failure.Disk : Failure.Fenced;
    }

    /// <summary>A server that is there is only greeted; one that failed has to take rows, for a full disk answers greetings too.</summary>
    private void Probe()
    {
        try
        {
            session ??= OpenOrThrow();
            if (health.IsGood)
            {
                session.Execute("SELECT 1");
            }
            else
            {
                session.Execute(
                    """
                    INSERT INTO write_probe (no, filler) VALUES (1, decode(repeat('00', 65536), 'hex'))
                      ON CONFLICT (no) DO UPDATE SET filler = excluded.filler;
                    DELETE FROM write_probe
                    """);
            }

            health.Good();
        }
        catch (Exception failure) when (failure is NpgsqlException or DatabaseUnavailableException || failure.EndsConnection())
        {
            FateAfter(failure);
            health.Bad(failure);
        }
    }
}

/// <summary>What the lanes share, but for which of them is the first.</summary>
internal sealed record PostgresLaneParts(bool IsFirst, CursorMoves Moves, CommitReports Reports, StorageMetrics Metrics, TimeProvider Clock);
