using System.Diagnostics;
using Claudemesh.Load.Mesh;
using Claudemesh.Load.Targets;
using Claudemesh.Load.Traffic;

namespace Claudemesh.Load.Scenarios;

/// <summary>A hundred peers send a thousand messages each, all at once, to ten others in turn.</summary>
internal sealed class AtOnceScenario : IScenario
{
    private const int Peers = 100;
    private const int MessagesOfEach = 1000;
    private const int RecipientsOfEach = 10;
    private const long PeakBytesGoal = 200_000_000;
    private static readonly TimeSpan TimeGoal = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(2);

    public string Name => "at-once";

    public string Describe => "100 peers send 1,000 messages each at once";

    public bool NeedsBroker => true;

    public bool IsOnlyByName => false;

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using ServerProcess sink = await Bench.StartSinkAsync(cancellationToken);
        (DirectTraffic _, TimeSpan sinkTime, long _) = await MeasureAsync(sink, cancellationToken);
        await using ServerProcess broker = await bench.StartBrokerAsync(cancellationToken);
        (DirectTraffic traffic, TimeSpan time, long peak) = await MeasureAsync(broker, cancellationToken);

        bool isWhole = traffic is { Refused: 0, OutOfOrder: 0, Again: 0, Lost: 0 } && traffic.Delivered == traffic.Sent;
        bench.Report.Note($"{traffic.Delivered} of {traffic.Sent} delivered, {traffic.Refused} refused ({traffic.FirstRefusal ?? "–"}), {traffic.OutOfOrder} out of order, {traffic.Again} again, {traffic.Lost} connections lost");
        bench.Report.Add(new Row(
            "100 peers × 1,000 messages at once, all in order",
            isWhole ? $"{time.TotalSeconds:0.00} s" : "not whole",
            $"{sinkTime.TotalSeconds:0.00} s",
            Report.Ratio(time / sinkTime),
            "100 % in ≤ 10 s",
            isWhole && time <= TimeGoal));
        bench.Report.Add(new Row("… peak memory", Report.Megabytes(peak), Goal: "≤ 200 MB", Reached: peak <= PeakBytesGoal));
    }

    private static async Task<(DirectTraffic Traffic, TimeSpan Time, long PeakBytes)> MeasureAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        using Stage stage = await Stage.OpenAsync(server, Peers, HelloKind.Legacy, cancellationToken);
        stage.Loop.WritesEachFrame = true;
        DirectTraffic traffic = new(stage.Sockets, ClientIdKind.Ordered)
        {
            WindowMax = MessagesOfEach,
            MessagesMax = MessagesOfEach,
            Finish = Finish.Delivered,
        };
        for (int peer = 0; peer < Peers; peer++)
        {
            for (int next = 1; next <= RecipientsOfEach; next++)
                traffic.AddFlow(peer, stage.Mesh.Members[(peer + (7 * next)) % Peers].Key.Public.ToString());
        }

        server.ForgetPeak();
        long started = Stopwatch.GetTimestamp();
        stage.Loop.Run(traffic, TimeMax);
        return (traffic, Stopwatch.GetElapsedTime(started), server.Figures.PeakBytes);
    }
}
