using Claudemesh.Load.Mesh;
using Claudemesh.Load.Targets;
using Claudemesh.Load.Traffic;

namespace Claudemesh.Load.Scenarios;

/// <summary>The rival alone: what the machine and the generator can do. Made when it is named, as the others have it beside them.</summary>
internal sealed class SinkScenario : IScenario
{
    public string Name => "sink-alone";

    public string Describe => "the do-nothing rival without a broker: direct messages a second";

    public bool NeedsBroker => false;

    public bool IsOnlyByName => true;

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using ServerProcess server = await Bench.StartSinkAsync(cancellationToken);
        using Stage stage = await Stage.OpenAsync(server, 2 * bench.Settings.Pairs, HelloKind.Legacy, cancellationToken);
        foreach (bool each in (bool[])[true, false])
        {
            stage.Loop.WritesEachFrame = each;
            for (int round = 0; round < bench.Settings.Rounds; round++)
            {
                DirectTraffic traffic = DirectScenario.Traffic(bench, stage, ClientIdKind.Ordered);
                DirectRound measured = await DirectRound.MeasureAsync(stage, traffic, bench.Settings.Time, cancellationToken);
                bench.Report.Note($"{(each ? "a write each frame" : "writes in batches")}: {measured.Describe()} {measured.FindFault()}");
            }
        }
    }
}
