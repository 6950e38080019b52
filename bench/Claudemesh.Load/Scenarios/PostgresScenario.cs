using Claudemesh.Load.Mesh;
using Claudemesh.Load.Targets;
using Claudemesh.Load.Traffic;

namespace Claudemesh.Load.Scenarios;

/// <summary>Durable direct messages with PostgreSQL behind the broker, beside SQLite and the sink in the same run.</summary>
internal sealed class PostgresScenario : IScenario
{
    private const double GoalRatio = 0.25;

    public string Name => "postgres";

    public string Describe => "durable direct messages a second on PostgreSQL, beside SQLite; --database URL says where, ./dev bench starts a server";

    public bool NeedsBroker => true;

    public bool IsOnlyByName => false;

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        if (bench.Settings.Database is not { } database || bench.Settings.Broker is not null)
        {
            bench.Report.Skip("direct messages on PostgreSQL", "there is no --database, or a --broker whose database is its own affair");
            return;
        }

        await using ServerProcess sinkServer = await Bench.StartSinkAsync(cancellationToken);
        await using ServerProcess fileServer = await bench.StartBrokerAsync(cancellationToken);
        await using ServerProcess postgresServer = await bench.StartBrokerAsync(cancellationToken, "--database", database);
        using Stage sink = await OpenAsync(bench, sinkServer, cancellationToken);
        using Stage file = await OpenAsync(bench, fileServer, cancellationToken);
        using Stage postgres = await OpenAsync(bench, postgresServer, cancellationToken);
        List<DirectRound> onSink = [], onFile = [], onPostgres = [];
        for (int round = 0; round < bench.Settings.Rounds; round++)
        {
            onSink.Add(await MeasureAsync(bench, sink, "sink    ", cancellationToken));
            onFile.Add(await MeasureAsync(bench, file, "SQLite  ", cancellationToken));
            onPostgres.Add(await MeasureAsync(bench, postgres, "Postgres", cancellationToken));
        }

        double ceiling = Rate(onSink);
        Add(bench, "direct messages/s, SQLite beside PostgreSQL", onFile, ceiling, goal: null);
        Add(bench, "direct messages/s, PostgreSQL", onPostgres, ceiling, GoalRatio);
    }

    private static Task<Stage> OpenAsync(Bench bench, ServerProcess server, CancellationToken cancellationToken) =>
        Stage.OpenAsync(server, 2 * bench.Settings.Pairs, HelloKind.Legacy, cancellationToken);

    private static async Task<DirectRound> MeasureAsync(Bench bench, Stage stage, string label, CancellationToken cancellationToken)
    {
        stage.Loop.WritesEachFrame = true;
        DirectTraffic traffic = DirectScenario.Traffic(bench, stage, ClientIdKind.Ordered);
        DirectRound round = await DirectRound.MeasureAsync(stage, traffic, bench.Settings.Time, cancellationToken);
        bench.Report.Note($"{label} {round.Describe()}");
        return round;
    }

    private static double Rate(List<DirectRound> rounds) => Samples.Median(rounds.Select(round => round.PerSecond));

    private static void Add(Bench bench, string figure, List<DirectRound> rounds, double ceiling, double? goal)
    {
        double rate = Rate(rounds);
        string? fault = rounds.Select(round => round.FindFault()).FirstOrDefault(found => found is not null);
        bench.Report.Add(new Row(
            figure,
            Report.Count(rate) + (fault is null ? "" : $" ({fault})"),
            Report.Count(ceiling),
            Report.Ratio(rate / ceiling),
            goal is { } least ? $"≥ {Report.Ratio(least)} (aim 0.40)" : "–",
            goal is { } wanted ? fault is null && rate >= wanted * ceiling : null));
    }
}
