using Claudemesh.Load.Targets;

namespace Claudemesh.Load.Scenarios;

/// <summary>What a broker costs that nobody uses, and how soon it can be used.</summary>
internal sealed class StartScenario : IScenario
{
    private const int Starts = 7;
    private const long IdleBytesGoal = 60_000_000;
    private static readonly TimeSpan ReadyGoal = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);

    public string Name => "start";

    public string Describe => "broker: time to ready, idle memory";

    public bool NeedsBroker => true;

    public bool IsOnlyByName => false;

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        if (bench.Settings.Broker is not null)
        {
            bench.Report.Skip("time to ready and idle memory", "they are measured on a broker that is started for it, not with --broker");
            return;
        }

        List<TimeSpan> times = [];
        List<long> bytes = [];
        for (int start = 0; start < Starts; start++)
        {
            await using ServerProcess broker = await bench.StartBrokerAsync(cancellationToken);
            times.Add(broker.ReadyAfter);
            if (start >= 2)
                continue;

            await Task.Delay(Settle, TimeProvider.System, cancellationToken);
            bytes.Add(broker.Figures.ResidentBytes);
        }

        TimeSpan ready = Samples.Percentile(times, 0.5);
        long idle = bytes.Max();
        bench.Report.Add(new Row("broker, empty data folder, to ready", Report.Milliseconds(ready), Goal: "≤ 300 ms", Reached: ready <= ReadyGoal));
        bench.Report.Add(new Row("broker, idle, memory", Report.Megabytes(idle), Goal: "≤ 60 MB (aim 40)", Reached: idle <= IdleBytesGoal, Earlier: "98 MB"));
    }
}
