using Claudemesh.Load.Mesh;
using Claudemesh.Load.Targets;
using Claudemesh.Load.Traffic;

namespace Claudemesh.Load.Scenarios;

/// <summary>Durable direct messages in 1.x frames: how many a second are acknowledged and delivered.</summary>
internal sealed class DirectScenario : IScenario
{
    private const double GoalPerSecond = 20_000;
    private const double GoalRatio = 0.4;
    private static readonly TimeSpan StoreMax = TimeSpan.FromMinutes(10);

    public string Name => "direct";

    public string Describe => "durable direct messages a second; --pairs N, --window N, --stored N for the figure with N stored";

    public bool NeedsBroker => true;

    public bool IsOnlyByName => false;

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using ServerProcess sinkServer = await Bench.StartSinkAsync(cancellationToken);
        using Stage sink = await Stage.OpenAsync(sinkServer, 2 * bench.Settings.Pairs, HelloKind.Legacy, cancellationToken);
        await using ServerProcess brokerServer = await bench.StartBrokerAsync(cancellationToken);
        using Stage broker = await Stage.OpenAsync(brokerServer, 2 * bench.Settings.Pairs, HelloKind.Legacy, cancellationToken);
        double before = await CompareAsync(bench, broker, sink, "", cancellationToken);
        await CompareBatchedAsync(bench, broker, sink, cancellationToken);
        if (bench.Settings.Stored == 0)
            return;

        Store(bench, broker);
        string behind = $" with {Report.Count(bench.Settings.Stored)} stored";
        double after = await CompareAsync(bench, broker, sink, behind, cancellationToken);
        bench.Report.Add(new Row(
            $"direct messages{behind}, beside without", Report.Count(after), Report.Count(before), Report.Ratio(after / before), "≥ 0.95", after >= 0.95 * before));
    }

    /// <summary>Clients write each frame by itself, as those of 1.x do: reading them one by one is part of the work.</summary>
    private static async Task<double> CompareAsync(Bench bench, Stage broker, Stage sink, string behind, CancellationToken cancellationToken)
    {
        sink.Loop.WritesEachFrame = broker.Loop.WritesEachFrame = true;
        List<DirectRound> ordered = [], random = [], rival = [];
        for (int round = 0; round < bench.Settings.Rounds; round++)
        {
            await MeasureAsync(bench, sink, ClientIdKind.Ordered, rival, cancellationToken);
            await MeasureAsync(bench, broker, ClientIdKind.Ordered, ordered, cancellationToken);
            await MeasureAsync(bench, broker, ClientIdKind.Random, random, cancellationToken);
        }

        double ceiling = Samples.Median(rival.Select(round => round.PerSecond));
        double reached = Samples.Median(ordered.Select(round => round.PerSecond));
        Add(bench, $"direct messages/s{behind}, our ids", ordered, ceiling, hasGoal: true);
        Add(bench, $"direct messages/s{behind}, random ids of 1.x", random, ceiling, hasGoal: false);
        return reached;
    }

    /// <summary>Clients put what they have into one write: most of the cost of sockets is gone on both sides, and storage is left.</summary>
    private static async Task CompareBatchedAsync(Bench bench, Stage broker, Stage sink, CancellationToken cancellationToken)
    {
        sink.Loop.WritesEachFrame = broker.Loop.WritesEachFrame = false;
        List<DirectRound> ordered = [], rival = [];
        for (int round = 0; round < bench.Settings.Rounds; round++)
        {
            await MeasureAsync(bench, sink, ClientIdKind.Ordered, rival, cancellationToken);
            await MeasureAsync(bench, broker, ClientIdKind.Ordered, ordered, cancellationToken);
        }

        Add(bench, "direct messages/s, clients that batch their writes", ordered, Samples.Median(rival.Select(round => round.PerSecond)), hasGoal: false);
    }

    private static async Task MeasureAsync(Bench bench, Stage stage, ClientIdKind ids, List<DirectRound> rounds, CancellationToken cancellationToken)
    {
        DirectRound round = await DirectRound.MeasureAsync(stage, Traffic(bench, stage, ids), bench.Settings.Time, cancellationToken);
        rounds.Add(round);
        bench.Report.Note($"{stage.Label} {ids.ToString().ToLowerInvariant(),-7} {round.Describe()}");
    }

    public static DirectTraffic Traffic(Bench bench, Stage stage, ClientIdKind ids)
    {
        DirectTraffic traffic = new(stage.Sockets, ids) { WindowMax = bench.Settings.Window };
        for (int pair = 0; pair < bench.Settings.Pairs; pair++)
            traffic.AddFlow(pair, stage.Mesh.Members[bench.Settings.Pairs + pair].Key.Public.ToString());

        return traffic;
    }

    private static void Add(Bench bench, string figure, List<DirectRound> rounds, double ceiling, bool hasGoal)
    {
        double rate = Samples.Median(rounds.Select(round => round.PerSecond));
        string? fault = rounds.Select(round => round.FindFault()).FirstOrDefault(found => found is not null);
        bench.Report.Add(new Row(
            figure,
            Report.Count(rate) + (fault is null ? "" : $" ({fault})"),
            Report.Count(ceiling),
            Report.Ratio(rate / ceiling),
            hasGoal ? "≥ 20,000 and ≥ 0.40" : "–",
            hasGoal ? fault is null && rate >= GoalPerSecond && rate >= GoalRatio * ceiling : null,
            "96–136 (16–26 % out of order)"));
    }

    private static void Store(Bench bench, Stage stage)
    {
        DirectTraffic traffic = new(stage.Sockets, ClientIdKind.Ordered)
        {
            WindowMax = 256,
            MessagesMax = (bench.Settings.Stored + bench.Settings.Pairs - 1) / bench.Settings.Pairs,
            Finish = Finish.Delivered,
        };
        for (int pair = 0; pair < bench.Settings.Pairs; pair++)
            traffic.AddFlow(pair, stage.Mesh.Members[bench.Settings.Pairs + pair].Key.Public.ToString());

        if (!stage.Loop.Run(traffic, StoreMax))
            throw new TimeoutException($"Only {traffic.Delivered} of {bench.Settings.Stored} messages were stored within {StoreMax.TotalMinutes:0} minutes.");
    }
}
