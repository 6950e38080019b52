using System.Globalization;
using Claudemesh.Load.Http;
using Claudemesh.Load.Targets;
using Claudemesh.Load.Traffic;

namespace Claudemesh.Load.Scenarios;

/// <summary>What streams of events cost while nothing is said.</summary>
internal sealed class StreamsScenario : IScenario
{
    private const int IdleStreams = 5000;
    private const long IdleBytesGoal = 100_000_000;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    public string Name => "streams";

    public string Describe => "5,000 streams of events that rest for ten seconds";

    public bool NeedsBroker => true;

    public bool IsOnlyByName => false;

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        Descriptors.RaiseTo(IdleStreams + 200);
        await using ServerProcess broker = await bench.StartBrokerAsync(cancellationToken, RestScenario.Limits);
        using HttpLoop loop = new(broker.Url);
        string key = await RestScenario.KeyAsync(broker, cancellationToken);
        long empty = broker.Figures.ResidentBytes;
        RestScenario.Open(loop, key, IdleStreams);
        loop.Run(new QuietTraffic(Settle), Settle + Settle);
        ProcessFigures before = broker.Figures;
        loop.Run(new QuietTraffic(Idle), Idle + Idle);
        ProcessFigures rested = broker.Figures - before;
        bench.Report.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{(rested.ResidentBytes - empty) / IdleStreams / 1000.0:0.0} kB a stream above {Report.Megabytes(empty)}; {100 * (rested.Cpu / Idle):0.0} % of a core"));
        bench.Report.Add(new Row(
            "5,000 idle streams, memory", Report.Megabytes(rested.ResidentBytes), Goal: "≤ 100 MB", Reached: loop.Lost == 0 && rested.ResidentBytes <= IdleBytesGoal));
    }
}
