using System.Runtime.InteropServices;
using Claudemesh.Load;
using Claudemesh.Load.Scenarios;
using Claudemesh.Load.Sink;
using Claudemesh.Load.Targets;

using CancellationTokenSource stop = new();
if (args is ["sink"])
    return await SinkServer.RunAsync(Console.Out, stop.Token);

// A measurement keeps its thread to itself, so it is ended from the signal's.
using PosixSignalRegistration interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using PosixSignalRegistration terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);

IScenario[] scenarios = 
[
    new StartScenario(),
    new DirectScenario(),
    new PostgresScenario(),
    new LatencyScenario(),
    new AtOnceScenario(),
    new BroadcastScenario(),
    new TopicScenario(),
    new RestScenario(),
    new StreamsScenario(),
    new BacklogScenario(),
    new SocketsScenario(),
    new CommandScenario(),
    new McpScenario(),
    new RecallScenario(),
    new LogScenario(),
    new SinkScenario(),
];
Settings settings;
try
{
    settings = Settings.Parse(args);
}
catch (FormatException error)
{
    Console.Error.WriteLine("bench: " + error.Message);
    return 3;
}

string? unknown = settings.Scenarios.Find(name => !scenarios.Any(each => each.Name == name));
if (unknown is not null || settings.AsksForHelp)
{
    if (unknown is not null)
        Console.Error.WriteLine($"bench: there is no measurement '{unknown}'");

    Console.WriteLine("measurements: all of them, or those named");
    foreach (IScenario scenario in scenarios)
        Console.WriteLine($"  {scenario.Name,-10} {scenario.Describe}");

    return unknown is null ? 0 : 3;
}

Report report = new(Console.Out);
Bench bench = new(settings, report);
foreach (IScenario scenario in scenarios)
{
    bool isWanted = settings.Scenarios.Count == 0 ? !scenario.IsOnlyByName : settings.Scenarios.Contains(scenario.Name, StringComparer.Ordinal);
    if (!isWanted)
        continue;

    if (scenario.NeedsBroker && !bench.HasBroker)
        report.Skip(scenario.Name, $"{Bench.BrokerName} is not built");
    else
        await scenario.RunAsync(bench, stop.Token);
}

report.WriteTable();
return 0;

static void End(PosixSignalContext context)
{
    ServerProcess.EndAll();
    Environment.Exit(130);
}
