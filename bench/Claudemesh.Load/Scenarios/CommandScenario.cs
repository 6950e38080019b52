using Claudemesh.Load.Targets;

namespace Claudemesh.Load.Scenarios;

/// <summary>How long a person waits for a verb, beside the start of a Node program that does nothing.</summary>
internal sealed class CommandScenario : IScenario
{
    private const int Runs = 31;
    private const int PeakRuns = 5;
    private const string Program = "claudemesh";
    private const long PeakBytesGoal = 12_000_000;
    private const long DaemonBytesGoal = 40_000_000;
    private const double NodeGoal = 0.15;
    private static readonly TimeSpan Goal = TimeSpan.FromMilliseconds(12);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);
    private static readonly Dictionary<string, string> SameEnvironment = [];

    public string Name => "verbs";

    public string Describe => "claudemesh version, peers, send beside node -e 0; the daemon's idle memory";

    public bool NeedsBroker => true;

    public bool IsOnlyByName => false;

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        if (!File.Exists(bench.Settings.Program(Program)) || !File.Exists(bench.Settings.Program("claudemeshd")))
        {
            bench.Report.Skip("verbs", "claudemesh and claudemeshd are not built");
            return;
        }

        await using ServerProcess broker = await bench.StartBrokerAsync(cancellationToken);
        using PersonsHome alice = new(bench.Settings.Program(Program));
        using PersonsHome bob = new(bench.Settings.Program(Program));
        await alice.MeetAsync(bob, broker.Url, cancellationToken);
        await alice.RunAsync(cancellationToken, "send", "bob", "hello", "--wait", "delivered");

        (Command, string)[] verbs =
        [
            (alice.Command("version"), "413 ms"),
            (alice.Command("peers", "--json"), "542 ms"),
            (alice.Command("send", "bob", "the schema changed"), "746 ms"),
        ];
        Measure(bench, verbs, FindNode());
        await MeasureDaemonAsync(bench, alice, cancellationToken);
    }

    private static void Measure(Bench bench, (Command Verb, string Earlier)[] verbs, Command? node)
    {
        List<TimeSpan> ofNode = [];
        List<TimeSpan>[] times = [.. verbs.Select(_ => new List<TimeSpan>())];
        for (int run = 0; run < Runs; run++)
        {
            if (node is not null)
                ofNode.Add(node.Time());

            for (int verb = 0; verb < verbs.Length; verb++)
                times[verb].Add(verbs[verb].Verb.Time());
        }

        TimeSpan? rival = node is null ? null : Samples.Percentile(ofNode, 0.5);
        for (int verb = 0; verb < verbs.Length; verb++)
        {
            TimeSpan time = Samples.Percentile(times[verb], 0.5);
            long peak = Enumerable.Range(0, PeakRuns).Max(_ => verbs[verb].Verb.PeakBytes());
            double? ratio = time / rival;
            bench.Report.Add(new Row(
                $"`{verbs[verb].Verb}`, beside `node -e 0`",
                Report.Milliseconds(time),
                rival is null ? "no node" : Report.Milliseconds(rival.Value),
                ratio is null ? "–" : Report.Ratio(ratio.Value),
                "≤ 12 ms or ≤ 0.15",
                time <= Goal || ratio <= NodeGoal,
                verbs[verb].Earlier));
            bench.Report.Add(new Row("… peak memory", Report.Megabytes(peak), Goal: "≤ 12 MB", Reached: peak <= PeakBytesGoal, Earlier: "98 MB"));
        }
    }

    private static Command? FindNode()
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        string? node = folders.Select(folder => Path.Combine(folder, "node")).FirstOrDefault(File.Exists);
        return node is null ? null : new Command(node, ["-e", "0"], SameEnvironment);
    }

    private static async Task MeasureDaemonAsync(Bench bench, PersonsHome home, CancellationToken cancellationToken)
    {
        await Task.Delay(Settle, TimeProvider.System, cancellationToken);
        if (home.FindDaemon() is not { } daemon)
        {
            bench.Report.Skip("the daemon's memory", "no daemon runs");
            return;
        }

        long bytes = ProcessFigures.Read(daemon).ResidentBytes;
        bench.Report.Add(new Row("daemon, idle, memory", Report.Megabytes(bytes), Goal: "≤ 40 MB", Reached: bytes <= DaemonBytesGoal, Earlier: "96 MB"));
    }
}
