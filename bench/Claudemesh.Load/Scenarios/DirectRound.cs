using System.Diagnostics;
using System.Globalization;
using Claudemesh.Load.Targets;
using Claudemesh.Load.Traffic;

namespace Claudemesh.Load.Scenarios;

/// <summary>One measured stretch of direct messages.</summary>
internal sealed record DirectRound(
    double PerSecond, long Messages, ProcessFigures Server, ProcessFigures Generator, double Commits, double AllocatedBytes, DirectTraffic Traffic)
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(30);

    public static async Task<DirectRound> MeasureAsync(Stage stage, DirectTraffic traffic, TimeSpan time, CancellationToken cancellationToken)
    {
        traffic.RunFor(WarmUp);
        stage.Loop.Run(traffic, WarmUp + WarmUp);

        BrokerCounters? countersBefore = await CountersAsync(stage.Server, cancellationToken);
        ProcessFigures generatorBefore = ProcessFigures.Read(Environment.ProcessId);
        ProcessFigures serverBefore = stage.Server.Figures;
        long completedBefore = traffic.Completed;
        long started = Stopwatch.GetTimestamp();
        traffic.Times?.Clear();

        traffic.RunFor(time);
        stage.Loop.Run(traffic, time + time);

        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        long completed = traffic.Completed - completedBefore;
        ProcessFigures server = stage.Server.Figures - serverBefore;
        ProcessFigures generator = ProcessFigures.Read(Environment.ProcessId) - generatorBefore;
        BrokerCounters? counters = await CountersAsync(stage.Server, cancellationToken);

        traffic.Stop(Finish.Delivered);
        stage.Loop.Run(traffic, DrainMax);
        return new DirectRound(
            completed / elapsed.TotalSeconds,
            completed,
            server,
            generator,
            Change(countersBefore, counters, "claudemesh_storage_commits"),
            Change(countersBefore, counters, "dotnet_gc_heap_total_allocated"),
            traffic);
    }

    /// <summary>Where the time of a message goes.</summary>
    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{PerSecond:N0}/s; µs of CPU for each message: server {Micros(Server):0.0}, generator {Micros(Generator):0.0}{DescribeStorage()}; server at {Server.ResidentBytes / 1_000_000} MB");

    /// <summary>What must never be; null when all is well.</summary>
    public string? FindFault()
    {
        long missing = Traffic.Sent - Traffic.Refused - Traffic.Delivered;
        return Traffic.Refused > 0 ? $"{Traffic.Refused} refused: {Traffic.FirstRefusal}"
            : missing != 0 ? $"{missing} did not arrive"
            : Traffic.OutOfOrder > 0 ? $"{Traffic.OutOfOrder} out of order"
            : Traffic.Again > 0 ? $"{Traffic.Again} arrived again"
            : Traffic.Lost > 0 ? $"{Traffic.Lost} connections were closed by the server"
            : null;
    }

    private static async Task<BrokerCounters?> CountersAsync(ServerProcess server, CancellationToken cancellationToken) =>
        server.IsSink ? null : await BrokerCounters.ReadAsync(server.Url, cancellationToken);

    private static double Change(BrokerCounters? before, BrokerCounters? after, string name) => (after?[name] ?? 0) - (before?[name] ?? 0);

    private double Micros(ProcessFigures figures) => figures.Cpu.TotalMicroseconds / Math.Max(1, Messages);

    private string DescribeStorage() => Commits == 0 ? "" : string.Create(
        CultureInfo.InvariantCulture,
        $"; {Messages / Commits:0.0} messages a commit, {Commits / (Messages / PerSecond):N0} commits (each one fsync) a second, {Server.DiskBytes / (double)Messages:N0} bytes to disk and {AllocatedBytes / Messages:N0} bytes allocated a message");
}
