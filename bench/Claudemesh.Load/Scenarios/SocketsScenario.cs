using System.Globalization;
using Claudemesh.Load.Mesh;
using Claudemesh.Load.Sockets;
using Claudemesh.Load.Targets;
using Claudemesh.Load.Traffic;

namespace Claudemesh.Load.Scenarios;

/// <summary>Many connections: how fast they are admitted, and what they cost while nobody says anything.</summary>
internal sealed class SocketsScenario : IScenario
{
    private const int Workspaces = 100;
    private const int OneWorkspace = 2000;
    private const long IdleBytesGoal = 250_000_000;
    private const double IdleCpuGoal = 0.03;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    public string Name => "sockets";

    public string Describe => "10,000 sockets in 100 workspaces (--sockets N), then 2,000 in one; our hello";

    public bool NeedsBroker => true;

    public bool IsOnlyByName => false;

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        int sockets = Math.Min(bench.Settings.IdleSockets, Descriptors.RaiseTo(bench.Settings.IdleSockets + 200) - 200);
        if (sockets < bench.Settings.IdleSockets)
            bench.Report.Note($"this machine allows {sockets} sockets to a process");

        await using (ServerProcess sink = await Bench.StartSinkAsync(cancellationToken))
        await using (ServerProcess broker = await bench.StartBrokerAsync(cancellationToken))
        {
            double sinkRate = await MeasureAsync(bench, sink, Workspaces, sockets / Workspaces, idles: false, cancellationToken);
            double rate = await MeasureAsync(bench, broker, Workspaces, sockets / Workspaces, idles: true, cancellationToken);
            Add(bench, string.Create(CultureInfo.InvariantCulture, $"connects/s, {sockets:N0} sockets in 100 workspaces"), rate, sinkRate, 2000);
        }

        await using ServerProcess lonelySink = await Bench.StartSinkAsync(cancellationToken);
        await using ServerProcess lonely = await bench.StartBrokerAsync(cancellationToken);
        double sinkAlone = await MeasureAsync(bench, lonelySink, 1, OneWorkspace, idles: false, cancellationToken);
        Add(bench, "connects/s, 2,000 sockets in one workspace", await MeasureAsync(bench, lonely, 1, OneWorkspace, idles: false, cancellationToken), sinkAlone, 300);
    }

    private static void Add(Bench bench, string figure, double rate, double sinkRate, double goal) => bench.Report.Add(new Row(
        figure, Report.Count(rate), Report.Count(sinkRate), Report.Ratio(rate / sinkRate), $"≥ {Report.Count(goal)}", rate >= goal, "71–108"));

    private static async Task<double> MeasureAsync(
        Bench bench, ServerProcess server, int workspaces, int members, bool idles, CancellationToken cancellationToken)
    {
        List<Seat> seats = [];
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        for (int workspace = 0; workspace < workspaces; workspace++)
        {
            LoadMesh mesh = server.IsSink ? LoadMesh.Imagine(members) : await LoadMesh.CreateAsync(server.Url, members, cancellationToken);
            seats.AddRange(mesh.Members.Select(member => new Seat(mesh, member, HelloKind.Member)));
        }

        if (!server.IsSink)
        {
            double joins = seats.Count / System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds;
            bench.Report.Note($"{seats.Count} members joined, {Report.Count(joins)}/s with making their keys; broker at {Report.Megabytes(server.Figures.ResidentBytes)}");
        }

        using EventLoop loop = new(server.Url);
        ProcessFigures before = server.Figures;
        Stage.Connect(loop, seats, out TimeSpan time);
        TimeSpan cpu = (server.Figures - before).Cpu;
        bench.Report.Note($"{(server.IsSink ? "sink" : "broker")}: {Report.Count(seats.Count / time.TotalSeconds)} connects/s, {cpu.TotalMicroseconds / seats.Count:0} µs of CPU each");
        if (idles)
            Rest(bench, server, loop, seats.Count);

        return seats.Count / time.TotalSeconds;
    }

    private static void Rest(Bench bench, ServerProcess server, EventLoop loop, int sockets)
    {
        loop.Run(new Waiting(Settle), Settle + Settle);
        ProcessFigures before = server.Figures;
        Waiting idle = new(Idle);
        loop.Run(idle, Idle + Idle);
        ProcessFigures rested = server.Figures - before;

        double cpu = rested.Cpu / Idle;
        string name = string.Create(CultureInfo.InvariantCulture, $"{sockets:N0} idle sockets");
        bench.Report.Add(new Row(
            $"{name}, memory", Report.Megabytes(rested.ResidentBytes), Goal: "≤ 250 MB", Reached: idle.Lost == 0 && rested.ResidentBytes <= IdleBytesGoal, Earlier: "448 MB"));
        bench.Report.Add(new Row(
            $"{name}, CPU over 10 s",
            string.Create(CultureInfo.InvariantCulture, $"{100 * cpu:0.0} % of a core"),
            Goal: "≤ 3 %",
            Reached: idle.Lost == 0 && cpu <= IdleCpuGoal));
        if (idle.Lost > 0)
            bench.Report.Note($"{idle.Lost} connections were closed by the server while idle");
    }
}
