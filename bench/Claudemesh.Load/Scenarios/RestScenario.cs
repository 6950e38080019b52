using System.Diagnostics;
using System.Globalization;
using Claudemesh.Load.Http;
using Claudemesh.Load.Mesh;
using Claudemesh.Load.Sockets;
using Claudemesh.Load.Targets;
using Claudemesh.Load.Traffic;

namespace Claudemesh.Load.Scenarios;

/// <summary>Scripts: posts over REST, and streams of them.</summary>
internal sealed class RestScenario : IScenario
{
    private const int PerSecond = 500;
    private const int Posters = 64;
    private const int Readers = 1000;
    private const int BurstPosts = 300;
    private const int BurstAtOnce = 50;
    private const double BurstGoal = 100_000;
    private const double PostsGoal = 5_000;
    private static readonly TimeSpan P50Goal = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan P99Goal = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);

    /// <summary>One script does the work of many here.</summary>
    internal static readonly string[] Limits =
    [
        "--limit", "key-requests-per-second=1000000", "--limit", "key-requests-at-once=1000000", "--limit", "streams-per-key=1000000",
        "--limit", "streams-per-address=1000000", "--limit", "sends-per-second=1000000",
    ];

    public string Name => "rest";

    public string Describe => "posts over REST, to a stream at 500/s and to 1,000 streams in bursts";

    public bool NeedsBroker => true;

    public bool IsOnlyByName => false;

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        await MeasureWayAsync(bench, cancellationToken);
        await MeasurePostsAsync(bench, cancellationToken);
        await MeasureBurstsAsync(bench, cancellationToken);
    }

    private static async Task MeasureWayAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using ServerProcess sink = await Bench.StartSinkAsync(cancellationToken);
        await using ServerProcess broker = await bench.StartBrokerAsync(cancellationToken, Limits);
        List<TimeSpan> theirs = await TimeAsync(bench, sink, cancellationToken);
        List<TimeSpan> ours = await TimeAsync(bench, broker, cancellationToken);
        Add(bench, "p50", 0.5, ours, theirs, P50Goal);
        Add(bench, "p99", 0.99, ours, theirs, P99Goal);
    }

    private static void Add(Bench bench, string name, double part, List<TimeSpan> ours, List<TimeSpan> theirs, TimeSpan goal)
    {
        TimeSpan measured = Samples.Percentile(ours, part);
        TimeSpan rival = Samples.Percentile(theirs, part);
        bench.Report.Add(new Row(
            $"post over REST to a stream at 500/s, {name}", Report.Milliseconds(measured), Report.Milliseconds(rival), Report.Ratio(measured / rival),
            $"≤ {goal.TotalMilliseconds:0} ms", measured <= goal, name == "p50" ? "1.8 s" : "–"));
    }

    private static async Task<List<TimeSpan>> TimeAsync(Bench bench, ServerProcess server, CancellationToken cancellationToken)
    {
        using HttpLoop loop = new(server.Url);
        string key = await KeyAsync(server, cancellationToken);
        Open(loop, key, 1);
        List<TimeSpan> times = [];
        PostTraffic traffic = new(key, Connect(loop, Posters), readers: 1) { Interval = TimeSpan.FromSeconds(1.0 / PerSecond), Times = times };
        Run(loop, traffic, Settle);
        times.Clear();
        for (int round = 0; round < bench.Settings.Rounds; round++)
            Run(loop, traffic, bench.Settings.Time);

        bench.Report.Note($"{Label(server)}: {traffic.Accepted} posts, worst {Report.Milliseconds(times.Max())}; {traffic.OutOfOrder} out of order");
        return times;
    }

    private static async Task MeasurePostsAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using ServerProcess sink = await Bench.StartSinkAsync(cancellationToken);
        await using ServerProcess broker = await bench.StartBrokerAsync(cancellationToken, Limits);
        List<double> theirs = [], ours = [];
        foreach ((ServerProcess server, List<double> rates) in new[] { (sink, theirs), (broker, ours) })
        {
            using HttpLoop loop = new(server.Url);
            string key = await KeyAsync(server, cancellationToken);
            PostTraffic traffic = new(key, Connect(loop, Posters), readers: 0);
            Run(loop, traffic, Settle);
            for (int round = 0; round < bench.Settings.Rounds; round++)
            {
                long before = traffic.Accepted;
                ProcessFigures cpu = server.Figures;
                long started = Stopwatch.GetTimestamp();
                Run(loop, traffic, bench.Settings.Time);
                rates.Add((traffic.Accepted - before) / Stopwatch.GetElapsedTime(started).TotalSeconds);
                TimeSpan spent = (server.Figures - cpu).Cpu;
                bench.Report.Note(string.Create(
                    CultureInfo.InvariantCulture, $"{Label(server)}: {rates[^1]:N0} posts/s, {spent.TotalMicroseconds / (traffic.Accepted - before):0} µs of CPU each"));
            }
        }

        double measured = Samples.Percentile(ours, 0.5);
        double rival = Samples.Percentile(theirs, 0.5);
        bench.Report.Add(new Row(
            "posts over REST/s, synced", Report.Count(measured), Report.Count(rival), Report.Ratio(measured / rival), "≥ 5,000", measured >= PostsGoal, "79"));
    }

    private static async Task MeasureBurstsAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using ServerProcess sink = await Bench.StartSinkAsync(cancellationToken);
        await using ServerProcess broker = await bench.StartBrokerAsync(cancellationToken, Limits);
        double rival = await MeasureBurstsAsync(bench, sink, cancellationToken);
        double measured = await MeasureBurstsAsync(bench, broker, cancellationToken);
        bench.Report.Add(new Row(
            "events/s to 1,000 streams of one topic", Report.Count(measured), Report.Count(rival), Report.Ratio(measured / rival), "≥ 100,000", measured >= BurstGoal));
    }

    private static async Task<double> MeasureBurstsAsync(Bench bench, ServerProcess server, CancellationToken cancellationToken)
    {
        using HttpLoop loop = new(server.Url);
        string key = await KeyAsync(server, cancellationToken);
        Open(loop, key, Readers);
        PostTraffic traffic = new(key, Connect(loop, BurstAtOnce), Readers);
        List<double> rates = [];
        for (int round = 0; round <= bench.Settings.Rounds; round++)
        {
            ProcessFigures cpu = server.Figures;
            long started = Stopwatch.GetTimestamp();
            traffic.RunMany(BurstPosts);
            Check(loop, traffic, loop.Run(traffic, TimeMax));
            TimeSpan time = Stopwatch.GetElapsedTime(started);

            // The first round warms up.
            if (round > 0)
                rates.Add(BurstPosts * Readers / time.TotalSeconds);
            bench.Report.Note(string.Create(
                CultureInfo.InvariantCulture, $"{Label(server)}: {BurstPosts * Readers / time.TotalSeconds:N0} events/s, {(server.Figures - cpu).Cpu.TotalMicroseconds / (BurstPosts * Readers):0.0} µs of CPU each"));
        }

        return Samples.Percentile(rates, 0.5);
    }

    internal static async Task<string> KeyAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        if (server.IsSink)
            return "cm_sink";

        LoadMesh mesh = await LoadMesh.CreateAsync(server.Url, 1, cancellationToken);
        return await mesh.MakeKeyAsync(server.Url, cancellationToken);
    }

    internal static void Open(HttpLoop loop, string key, int streams)
    {
        OpeningTraffic opening = new(key, streams);
        if (!loop.Run(opening, TimeMax))
            throw new TimeoutException($"{streams} streams had not begun after {TimeMax.TotalSeconds:0} s.");
    }

    private static List<LoadSocket> Connect(HttpLoop loop, int count) => [.. Enumerable.Range(0, count).Select(_ => loop.Open())];

    private static void Run(HttpLoop loop, PostTraffic traffic, TimeSpan time)
    {
        traffic.RunFor(time);
        Check(loop, traffic, loop.Run(traffic, time + TimeMax));
    }

    private static void Check(HttpLoop loop, PostTraffic traffic, bool isDone)
    {
        if (!isDone || traffic.FirstRefusal is not null || traffic.OutOfOrder > 0 || loop.Lost > 0)
            throw new InvalidOperationException($"{traffic.Accepted} of {traffic.Sent} posts were accepted, {traffic.Read} events read, {traffic.OutOfOrder} out of order, {loop.Lost} connections lost: {traffic.FirstRefusal}");
    }

    private static string Label(ServerProcess server) => server.IsSink ? "sink" : "broker";
}
