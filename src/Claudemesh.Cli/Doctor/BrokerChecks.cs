using Claudemesh.Cli.Verbs;
using Claudemesh.Local;

namespace Claudemesh.Cli.Doctor;

/// <summary>Each broker answers, is well, and has our time; and each workspace is connected to it.</summary>
internal static class BrokerChecks
{
    /// <summary>A broker believes what is signed within this time of its own.</summary>
    private const int SkewSecondsMax = 60;

    private const string Restart = "claudemesh daemon down && claudemesh daemon up";

    public static IEnumerable<Finding> Run(Checkup checkup, DaemonStatus status)
    {
        if (status.Workspaces.Count == 0)
            yield return Finding.Warning("workspaces", "You are in no workspace yet.", "claudemesh new NAME");

        foreach (BrokerCheck broker in checkup.Brokers)
        {
            yield return broker.Fault is null ? Well(broker) : Faulty(broker);
            if (broker.ClockSkewSeconds is { } skew)
                yield return CheckClock(broker, skew);
        }

        foreach (WorkspaceStatus workspace in status.Workspaces)
            yield return CheckConnection(workspace, checkup.Brokers.FirstOrDefault(one => one.Broker == workspace.Broker)?.Fault is null);
    }

    private static Finding Well(BrokerCheck broker)
    {
        string way = broker.Proxy is { } proxy ? $" by the proxy {proxy}" : "";
        string detail = $"{broker.Broker} is well: version {broker.Version}, answered in {broker.Milliseconds} ms{way}";
        return Major(broker.Version!) == Major(VersionVerb.Current)
            ? Finding.Ok("broker", detail)
            : Finding.Warning("broker", $"{detail}; this program is {VersionVerb.Current}, and understands it only in part.", $"curl {Shell.Quote(Health(broker))}");
    }

    private static Finding Faulty(BrokerCheck broker)
    {
        string url = Shell.Quote(Health(broker));
        string host = new Uri(broker.Broker).Host;
        (string what, string mend) = broker.Fault switch
        {
            BrokerFaults.Name => ($"The name of {broker.Broker} is not known here", $"getent hosts {Shell.Quote(host)}"),
            BrokerFaults.Connection => ($"Nobody answers at {broker.Broker}", IsThisMachine(host) ? $"claudemesh-broker --listen {Shell.Quote(broker.Broker)}" : $"curl -v {url}"),
            BrokerFaults.Timeout => ($"{broker.Broker} does not answer in time", $"curl -v {url}"),
            BrokerFaults.Proxy => (
                $"The proxy {broker.Proxy} does not let us through to {broker.Broker}",
                $"export NO_PROXY={Shell.Quote(host)} && {Restart}"),
            BrokerFaults.Authority => (
                $"The certificate of {broker.Broker} is of an authority that this machine does not trust",
                $"export SSL_CERT_FILE=/path/to/your-authority.pem && {Restart}"),
            BrokerFaults.Tls => ($"{broker.Broker} cannot be spoken to safely", $"curl -v {url}"),
            BrokerFaults.Unhealthy => ($"{broker.Broker} is not well", $"curl {url}"),
            _ => ($"What answers at {broker.Broker} is no broker", $"curl -v {url}"),
        };
        return Finding.Error("broker", ExitCode.Network, $"{what} ({broker.Detail}).", mend);
    }

    private static Finding CheckClock(BrokerCheck broker, long skew) => Math.Abs(skew) <= SkewSecondsMax
        ? Finding.Ok("clock", $"within {Math.Max(1, Math.Abs(skew))} s of {broker.Broker}")
        : Finding.Error(
            "clock",
            ExitCode.Auth,
            $"This machine's clock is {Math.Abs(skew)} s {(skew > 0 ? "behind" : "ahead of")} {broker.Broker}: what it signs is not believed.",
            "sudo timedatectl set-ntp true");

    private static Finding CheckConnection(WorkspaceStatus workspace, bool isBrokerWell)
    {
        string why = workspace.Detail is null ? "" : $" ({workspace.Detail})";
        return workspace.State switch
        {
            ConnectionStates.Open => Finding.Ok("workspace", $"{workspace.Slug} is connected"),
            ConnectionStates.Refused => Finding.Error("workspace", ExitCode.Auth, $"The broker does not admit you to {workspace.Slug}{why}.", "claudemesh join LINK"),
            _ when isBrokerWell => Finding.Error("workspace", ExitCode.Network, $"{workspace.Slug} is {workspace.State}{why}, although its broker answers.", "claudemesh daemon logs"),
            _ => Finding.Warning("workspace", $"{workspace.Slug} is {workspace.State}{why}; what you send waits in your outbox.", "claudemesh status"),
        };
    }

    private static string Health(BrokerCheck broker) => broker.Broker.TrimEnd('/') + "/health";

    private static bool IsThisMachine(string host) => host is "127.0.0.1" or "localhost" or "[::1]";

    private static string Major(string version) => version.Split('.')[0];
}
