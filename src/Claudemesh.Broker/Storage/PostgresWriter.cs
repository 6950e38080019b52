using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Storage;

/// <summary>
/// Everything that is written to a PostgreSQL server: delivery steps on two connections, so that one batch is on its way while
/// the other is prepared, and all other writes one after another on a third.
/// </summary>
internal sealed class PostgresWriter : IDatabaseWriter
{
    private const int LaneCount = 2;

    private readonly PostgresServer server;
    private readonly PostgresIntake intake = new();
    private readonly PostgresHealth health;
    private readonly PostgresOtherWrites others;
    private readonly CommitReports reports;
    private readonly PostgresLane[] lanes;
    private readonly Thread[] threads;

    /// <param name="server">Closed with this.</param>
    public PostgresWriter(PostgresServer server, StorageMetrics metrics, TimeProvider clock, ILogger logger)
    {
        this.server = server;
        reports = new CommitReports(logger);
        Moves = new CursorMoves(clock, () => intake.Call(WriterDuty.Cursors));
        health = new PostgresHealth(clock, logger, () => intake.Call(WriterDuty.Probe), () => intake.Call(WriterDuty.Cursors));
        others = new PostgresOtherWrites(server, health, metrics, clock);
        lanes =
        [
            .. Enumerable.Range(0, LaneCount).Select(
                no => new PostgresLane(server, intake, health, new PostgresLaneParts(no == 0, Moves, reports, metrics, clock))),
        ];
        threads =
        [
            .. lanes.Select(static (lane, no) => new Thread(lane.Run) { IsBackground = true, Name = $"database writer {no + 1}" }),
        ];
        foreach (Thread thread in threads)
            thread.Start();
    }

    public bool Healthy => health.IsGood;

    public CursorMoves Moves { get; }

    public void Post(PostedStep posted)
    {
        if (!posted.Step.NeedsCommit)
        {
            Moves.Add(posted.Step);
            return;
        }

        if (!intake.TryAdd(posted))
        {
            reports.Add(posted.Listener, posted.Step.No, Failure.Disk);
            reports.Release();
        }
    }

    public Task<T> WriteAsync<T>(Func<WriteScope, T> work, CancellationToken cancellationToken) => others.WriteAsync(work, cancellationToken);

    public void Dispose()
    {
        others.Dispose();
        intake.Call(WriterDuty.Stop);
        foreach (Thread thread in threads)
            thread.Join();

        health.Dispose();
        Moves.Dispose();
        foreach (PostgresLane lane in lanes)
            lane.Dispose();

        server.Dispose();
    }
}
