using Claudemesh.Load.Mesh;
using Claudemesh.Load.Targets;
using Claudemesh.Load.Traffic;

namespace Claudemesh.Load.Scenarios;

/// <summary>How long a direct message is on its way at a thousand a second, from when it was due to when it arrived.</summary>
internal sealed class LatencyScenario : IScenario
{
    private const int PerSecond = 1000;
    private static readonly TimeSpan P50Goal = TimeSpan.FromMilliseconds(1.5);
    private static readonly TimeSpan P99Goal = TimeSpan.FromMilliseconds(5);

    public string Name => "latency";

    public string Describe => "send to delivered at 1,000 messages a second, open loop";

    public bool NeedsBroker => true;

    public bool IsOnlyByName => false;

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using ServerProcess sinkServer = await Bench.StartSinkAsync(cancellationToken);
        await using ServerProcess brokerServer = await bench.StartBrokerAsync(cancellationToken);
        using Stage sink = await Stage.OpenAsync(sinkServer, 2 * bench.Settings.Pairs, HelloKind.Legacy, cancellationToken);
        using Stage broker = await Stage.OpenAsync(brokerServer, 2 * bench.Settings.Pairs, HelloKind.Legacy, cancellationToken);
        List<TimeSpan> ofSink = [], ofBroker = [];
        List<DirectRound> rounds = [];
        for (int round = 0; round < bench.Settings.Rounds; round++)
        {
            await MeasureAsync(bench, sink, ofSink, cancellationToken);
            rounds.Add(await MeasureAsync(bench, broker, ofBroker, cancellationToken));
        }

        string? fault = rounds.Select(round => round.FindFault()).FirstOrDefault(found => found is not null);
        if (fault is not null)
            bench.Report.Note(fault);

        Add(bench, ofBroker, ofSink, 0.5, "p50", "≤ 1.5 ms", (ours, _) => ours <= P50Goal);
        Add(bench, ofBroker, ofSink, 0.99, "p99", "≤ 5 ms or ≤ 3 × the sink's", (ours, theirs) => ours <= P99Goal || ours <= 3 * theirs);
        Add(bench, ofBroker, ofSink, 0.999, "p99.9", "–", judge: null);
    }

    private static async Task<DirectRound> MeasureAsync(Bench bench, Stage stage, List<TimeSpan> times, CancellationToken cancellationToken)
    {
        List<TimeSpan> these = new(capacity: PerSecond * (int)(bench.Settings.Time.TotalSeconds + 10));
        DirectTraffic traffic = new(stage.Sockets, ClientIdKind.Ordered) { Interval = TimeSpan.FromSeconds(1.0 / PerSecond), Times = these };
        for (int pair = 0; pair < bench.Settings.Pairs; pair++)
            traffic.AddFlow(pair, stage.Mesh.Members[bench.Settings.Pairs + pair].Key.Public.ToString());

        stage.Loop.WritesEachFrame = true;
        DirectRound round = await DirectRound.MeasureAsync(stage, traffic, bench.Settings.Time, cancellationToken);
        times.AddRange(these);
        bench.Report.Note($"{stage.Label} p50 {Report.Milliseconds(Samples.Percentile(these, 0.5))}, p99 {Report.Milliseconds(Samples.Percentile(these, 0.99))}, worst {Report.Milliseconds(these.Max())}; {round.Describe()}");
        return round;
    }

    private static void Add(
        Bench bench, List<TimeSpan> broker, List<TimeSpan> sink, double part, string name, string goal, Func<TimeSpan, TimeSpan, bool>? judge)
    {
        TimeSpan ours = Samples.Percentile(broker, part);
        TimeSpan theirs = Samples.Percentile(sink, part);
        bench.Report.Add(new Row(
            $"sent to delivered at 1,000/s, {name}", Report.Milliseconds(ours), Report.Milliseconds(theirs), Report.Ratio(ours / theirs), goal, judge?.Invoke(ours, theirs)));
    }
}
