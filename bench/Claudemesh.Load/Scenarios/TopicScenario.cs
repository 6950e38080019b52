using System.Diagnostics;
using Claudemesh.Load.Mesh;
using Claudemesh.Load.Targets;
using Claudemesh.Load.Traffic;

namespace Claudemesh.Load.Scenarios;

/// <summary>Posts in a topic: to one live reader at 500 a second, to a thousand in bursts, and read back from its history.</summary>
internal sealed class TopicScenario : IScenario
{
    private const int PerSecond = 500;
    private const int Readers = 1000;
    private const int BurstMessages = 300;
    private const int BurstAtOnce = 50;
    private const double BurstGoal = 100_000;
    private const int StoredUsually = 20_000;

    // So few on their way that one member stays below what he may send.
    private const int FilledAtOnce = 8;
    private const int Pages = 300;
    private const int Joined = 200;
    private const int UnreadInEach = 300;
    private const int Lists = 200;
    private static readonly TimeSpan LatencyGoal = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PageGoal = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan UnreadGoal = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan StoreMax = TimeSpan.FromMinutes(15);

    public string Name => "topics";

    public string Describe => "posts to a live reader at 500/s and to 1,000 in bursts; --stored N: a page out of so many; unread of 200";

    public bool NeedsBroker => true;

    public bool IsOnlyByName => false;

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        await MeasureOneAsync(bench, cancellationToken);
        await MeasureUnreadAsync(bench, cancellationToken);
        await MeasureManyAsync(bench, cancellationToken);
    }

    private static async Task MeasureOneAsync(Bench bench, CancellationToken cancellationToken)
    {
        // One member fills the topic: nobody is measured at his rate.
        await using ServerProcess broker = await bench.StartBrokerAsync(cancellationToken, "--limit", "sends-per-second=1000000");
        using Stage stage = await Stage.OpenAsync(broker, 2, [HelloKind.Legacy, HelloKind.Member], cancellationToken);
        string topic = await stage.Mesh.FindGeneralAsync(broker.Url, cancellationToken);
        List<TimeSpan> times = new(capacity: PerSecond * (int)(bench.Settings.Time.TotalSeconds + 10));
        DirectTraffic traffic = new(stage.Sockets, ClientIdKind.Ordered) { Interval = TimeSpan.FromSeconds(1.0 / PerSecond), Times = times };
        traffic.AddFlow(0, "#" + topic);
        stage.Loop.WritesEachFrame = true;
        DirectRound round = await DirectRound.MeasureAsync(stage, traffic, bench.Settings.Time, cancellationToken);
        if (round.FindFault() is { } fault)
            bench.Report.Note(fault);

        TimeSpan p99 = Samples.Percentile(times, 0.99);
        bench.Report.Note($"p50 {Report.Milliseconds(Samples.Percentile(times, 0.5))}, worst {Report.Milliseconds(times.Max())}; {round.Describe()}");
        bench.Report.Add(new Row(
            "post to a live reader at 500/s, p99", Report.Milliseconds(p99), Goal: "≤ 10 ms", Reached: round.FindFault() is null && p99 <= LatencyGoal));
        stage.Loop.WritesEachFrame = false;
        MeasurePages(bench, stage, topic);
    }

    private static void MeasurePages(Bench bench, Stage stage, string topic)
    {
        int stored = bench.Settings.Stored == 0 ? StoredUsually : bench.Settings.Stored;
        DirectTraffic filling = new(stage.Sockets, ClientIdKind.Ordered) { WindowMax = FilledAtOnce, MessagesMax = stored, Finish = Finish.Delivered };
        filling.AddFlow(0, "#" + topic);
        if (!stage.Loop.Run(filling, StoreMax) || filling.Refused > 0)
            throw new InvalidOperationException($"{filling.Delivered} of {stored} posts arrived: {filling.FirstRefusal}");

        PageTraffic pages = new(stage.Sockets[1], topic, Pages);
        if (!stage.Loop.Run(pages, TimeMax))
            throw new TimeoutException($"{pages.Times.Count} of {Pages} pages came.");

        TimeSpan p99 = Samples.Percentile(pages.Times, 0.99);
        bench.Report.Note($"pages: p50 {Report.Milliseconds(Samples.Percentile(pages.Times, 0.5))}, worst {Report.Milliseconds(pages.Times.Max())}");
        bench.Report.Add(new Row(
            $"a page of 50 out of {Report.Count(stored)} posts, p99", Report.Milliseconds(p99), Goal: "≤ 5 ms", Reached: p99 <= PageGoal));
    }

    /// <summary>The list with its counts, as a client has it: the frame's way and its JSON are part of the time.</summary>
    private static async Task MeasureUnreadAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using ServerProcess broker = await bench.StartBrokerAsync(cancellationToken, "--limit", "sends-per-second=1000000");
        using Stage stage = await Stage.OpenAsync(broker, 2, [HelloKind.Legacy, HelloKind.Member], cancellationToken);
        JoinedTopicsTraffic topics = new(stage.Sockets[0], stage.Sockets[1], Joined);
        if (!stage.Loop.Run(topics, TimeMax))
            throw new TimeoutException($"{topics.Ids.Count} of {Joined} topics were made.");

        DirectTraffic filling = new(stage.Sockets, ClientIdKind.Ordered) { WindowMax = FilledAtOnce, MessagesMax = Joined * UnreadInEach, Finish = Finish.Delivered };
        foreach (string id in topics.Ids)
            filling.AddFlow(0, "#" + id);
        if (!stage.Loop.Run(filling, StoreMax) || filling.Refused > 0)
            throw new InvalidOperationException($"{filling.Delivered} posts arrived: {filling.FirstRefusal}");

        TopicListTraffic lists = new(stage.Sockets[1], Lists);
        if (!stage.Loop.Run(lists, TimeMax))
            throw new TimeoutException($"{lists.Times.Count} of {Lists} lists came.");

        int counted = lists.List.Split($"\"unread\":{UnreadInEach}").Length - 1;
        TimeSpan p50 = Samples.Percentile(lists.Times, 0.5);
        bench.Report.Note($"{counted} of {Joined} topics say {UnreadInEach} unread; p99 {Report.Milliseconds(Samples.Percentile(lists.Times, 0.99))}, worst {Report.Milliseconds(lists.Times.Max())}");
        bench.Report.Add(new Row(
            $"unread counts of {Joined} topics with {UnreadInEach} each, p50", Report.Milliseconds(p50), Goal: "≤ 10 ms", Reached: counted == Joined && p50 <= UnreadGoal));
    }

    private static async Task MeasureManyAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using ServerProcess broker = await bench.StartBrokerAsync(cancellationToken);
        using Stage stage = await Stage.OpenAsync(
            broker, Readers + 1, [HelloKind.Legacy, .. Enumerable.Repeat(HelloKind.Member, Readers)], cancellationToken);
        BroadcastTraffic traffic = new(stage.Sockets, "#" + await stage.Mesh.FindGeneralAsync(broker.Url, cancellationToken));
        List<double> bursts = [];
        for (int round = 0; round <= bench.Settings.Rounds; round++)
        {
            traffic.Add(BurstMessages, BurstAtOnce);
            long started = Stopwatch.GetTimestamp();
            if (!stage.Loop.Run(traffic, TimeMax))
                throw new TimeoutException($"Posts had not reached everybody: {traffic.Delivered} arrived, {traffic.OutOfOrder} out of order, {traffic.Lost} connections lost.");

            // The first round warms up.
            if (round > 0)
                bursts.Add(BurstMessages * Readers / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        double burst = Samples.Percentile(bursts, 0.5);
        bench.Report.Add(new Row(
            "deliveries/s of posts to 1,000 live readers",
            Report.Count(burst),
            Goal: "≥ 100,000",
            Reached: traffic is { OutOfOrder: 0, Lost: 0 } && burst >= BurstGoal));
    }
}
