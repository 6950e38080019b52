using Claudemesh.Load.Targets;

namespace Claudemesh.Load.Scenarios;

/// <summary>What every measurement has at hand.</summary>
internal sealed class Bench(Settings settings, Report report)
{
    public const string BrokerName = "claudemesh-broker";

    public Settings Settings { get; } = settings;

    public Report Report { get; } = report;

    public bool HasBroker => Settings.Broker is not null || File.Exists(Settings.Program(BrokerName));

    public static Task<ServerProcess> StartSinkAsync(CancellationToken cancellationToken) => ServerProcess.StartSinkAsync(cancellationToken);

    /// <summary>A fresh one, or the one that was named.</summary>
    public async Task<ServerProcess> StartBrokerAsync(CancellationToken cancellationToken, params IReadOnlyList<string> arguments) => Settings.Broker is { } url
        ? ServerProcess.Running(url, Settings.BrokerProcess)
        : await ServerProcess.StartBrokerAsync(Settings.Program(BrokerName), arguments, cancellationToken);
}

/// <summary>One figure, or a few that are measured together.</summary>
internal interface IScenario
{
    string Name { get; }

    string Describe { get; }

    bool NeedsBroker { get; }

    /// <summary>Not among those that are measured when none is named.</summary>
    bool IsOnlyByName { get; }

    Task RunAsync(Bench bench, CancellationToken cancellationToken);
}
