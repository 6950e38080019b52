using System.Diagnostics;
using Claudemesh.Load.Mesh;
using Claudemesh.Load.Targets;
using Claudemesh.Load.Traffic;
using Claudemesh.Local;

namespace Claudemesh.Load.Scenarios;

/// <summary>How long a daemon searches a hundred thousand memories while the broker beside it delivers five thousand messages a second.</summary>
internal sealed class RecallScenario : IScenario
{
    private const int Count = 100_000;
    private const int PerSecond = 5_000;
    private const int ResultsMax = 20;
    private const string Program = "claudemesh";
    private static readonly TimeSpan Goal = TimeSpan.FromMilliseconds(50);

    public string Name => "recall";

    public string Describe => "one or two words among 100,000 memories, at 5,000 messages a second";

    public bool NeedsBroker => true;

    public bool IsOnlyByName => false;

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        if (!File.Exists(bench.Settings.Program(Program)) || !File.Exists(bench.Settings.Program("claudemeshd")))
        {
            bench.Report.Skip(Name, "claudemesh and claudemeshd are not built");
            return;
        }

        await using ServerProcess server = await bench.StartBrokerAsync(cancellationToken);
        using PersonsHome alice = new(bench.Settings.Program(Program));
        await alice.RunAsync(cancellationToken, "new", "bench", "--broker", server.Url.OriginalString, "--as", "alice");
        await alice.RunAsync(cancellationToken, "daemon", "down");
        MemoryFill.Write(alice.Database, Count);
        await alice.RunAsync(cancellationToken, "daemon", "up");

        using Stage stage = await Stage.OpenAsync(server, 2 * bench.Settings.Pairs, HelloKind.Legacy, cancellationToken);
        DirectTraffic traffic = new(stage.Sockets, ClientIdKind.Ordered) { Interval = TimeSpan.FromSeconds(1.0 / PerSecond), Times = [] };
        for (int pair = 0; pair < bench.Settings.Pairs; pair++)
            traffic.AddFlow(pair, stage.Mesh.Members[bench.Settings.Pairs + pair].Key.Public.ToString());

        Task<DirectRound> messages = Task.Run(() => DirectRound.MeasureAsync(stage, traffic, bench.Settings.Time, cancellationToken), cancellationToken);
        List<TimeSpan> times = await SearchAsync(new LocalClient(alice.Socket), messages, cancellationToken);
        bench.Report.Note($"{times.Count} searches, worst {Report.Milliseconds(times.Max())}; {(await messages).Describe()}");

        TimeSpan tail = Samples.Percentile(times, 0.99);
        bench.Report.Add(new Row("recall over 100,000 memories at 5,000 messages/s, p50", Report.Milliseconds(Samples.Percentile(times, 0.5))));
        bench.Report.Add(new Row("… p99", Report.Milliseconds(tail), Goal: "≤ 50 ms", Reached: tail <= Goal));
    }

    private static async Task<List<TimeSpan>> SearchAsync(LocalClient daemon, Task until, CancellationToken cancellationToken)
    {
        List<TimeSpan> times = [];
        ulong seed = 11;
        while (!until.IsCompleted)
        {
            string query = times.Count % 2 == 0 ? MemoryFill.Word(ref seed) : $"{MemoryFill.Word(ref seed)} {MemoryFill.Word(ref seed)}";
            long begun = Stopwatch.GetTimestamp();
            LocalReply<MemoryList> found = await daemon.ListMemoriesAsync(null, query, null, ResultsMax, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(begun));
            if (!found.Succeeded)
                throw new InvalidOperationException(found.Problem.Detail);
        }

        return times;
    }
}
