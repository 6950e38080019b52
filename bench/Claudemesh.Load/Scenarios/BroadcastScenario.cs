using System.Diagnostics;
using Claudemesh.Load.Mesh;
using Claudemesh.Load.Targets;
using Claudemesh.Load.Traffic;

namespace Claudemesh.Load.Scenarios;

/// <summary>One peer speaks to a thousand others that are online.</summary>
internal sealed class BroadcastScenario : IScenario
{
    private const int Readers = 1000;
    private const int Shots = 30;
    private const int BurstMessages = 300;
    private const int BurstAtOnce = 50;
    private const double BurstGoal = 100_000;
    private static readonly TimeSpan LastGoal = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(1);

    public string Name => "broadcast";

    public string Describe => "a message to 1,000 online peers: time to the last, and deliveries a second in bursts";

    public bool NeedsBroker => true;

    public bool IsOnlyByName => false;

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using ServerProcess sink = await Bench.StartSinkAsync(cancellationToken);
        await using ServerProcess broker = await bench.StartBrokerAsync(cancellationToken);
        using Stage sinkStage = await OpenAsync(sink, cancellationToken);
        using Stage brokerStage = await OpenAsync(broker, cancellationToken);
        BroadcastTraffic toSink = new(sinkStage.Sockets);
        BroadcastTraffic toBroker = new(brokerStage.Sockets);
        List<TimeSpan> ofSink = [], ofBroker = [];
        List<double> sinkBursts = [], brokerBursts = [];
        for (int round = 0; round <= bench.Settings.Rounds; round++)
        {
            // The first round warms both up.
            if (round == 1)
            {
                ofSink.Clear();
                ofBroker.Clear();
                sinkBursts.Clear();
                brokerBursts.Clear();
            }

            Measure(sinkStage, toSink, ofSink, sinkBursts);
            Measure(brokerStage, toBroker, ofBroker, brokerBursts);
            bench.Report.Note($"sink {Report.Count(sinkBursts[^1])}/s, broker {Report.Count(brokerBursts[^1])}/s; {toBroker.OutOfOrder} out of order, {toBroker.Lost} connections lost");
        }

        Add(bench, toBroker, ofBroker, ofSink, brokerBursts, sinkBursts);
    }

    private static void Add(
        Bench bench, BroadcastTraffic traffic, List<TimeSpan> ofBroker, List<TimeSpan> ofSink, List<double> brokerBursts, List<double> sinkBursts)
    {
        TimeSpan last = Samples.Percentile(ofBroker, 0.5);
        TimeSpan lastOfSink = Samples.Percentile(ofSink, 0.5);
        double burst = Samples.Percentile(brokerBursts, 0.5);
        double burstOfSink = Samples.Percentile(sinkBursts, 0.5);
        bool isWhole = traffic is { OutOfOrder: 0, Lost: 0 };
        bench.Report.Add(new Row(
            "`*` to 1,000 online peers, to the last",
            Report.Milliseconds(last),
            Report.Milliseconds(lastOfSink),
            Report.Ratio(last / lastOfSink),
            "≤ 20 ms",
            isWhole && last <= LastGoal,
            "182 ms"));
        bench.Report.Add(new Row(
            "… deliveries/s in a burst",
            Report.Count(burst),
            Report.Count(burstOfSink),
            Report.Ratio(burst / burstOfSink),
            "≥ 100,000 and ≥ 0.60",
            isWhole && burst >= BurstGoal && burst >= 0.6 * burstOfSink));
    }

    private static Task<Stage> OpenAsync(ServerProcess server, CancellationToken cancellationToken) => Stage.OpenAsync(
        server, Readers + 1, [HelloKind.Legacy, .. Enumerable.Repeat(HelloKind.Member, Readers)], cancellationToken);

    private static void Measure(Stage stage, BroadcastTraffic traffic, List<TimeSpan> times, List<double> bursts)
    {
        for (int shot = 0; shot < Shots; shot++)
            times.Add(Run(stage, traffic, messages: 1, atOnce: 1));

        TimeSpan time = Run(stage, traffic, BurstMessages, BurstAtOnce);
        bursts.Add(BurstMessages * Readers / time.TotalSeconds);
    }

    private static TimeSpan Run(Stage stage, BroadcastTraffic traffic, int messages, int atOnce)
    {
        traffic.Add(messages, atOnce);
        long started = Stopwatch.GetTimestamp();
        return stage.Loop.Run(traffic, TimeMax)
            ? Stopwatch.GetElapsedTime(started)
            : throw new TimeoutException($"A broadcast had not reached everybody after {TimeMax.TotalSeconds:0} s: {traffic.Delivered} arrived, {traffic.OutOfOrder} out of order, {traffic.Lost} connections lost.");
    }
}
