namespace Claudemesh.Local;

/// <summary>What the daemon sees when it looks at its brokers and at itself, now.</summary>
/// <param name="Brokers">One for each broker of the workspaces asked about.</param>
/// <param name="OldestPending">Since when the message that waits longest for a broker has waited; null when none does.</param>
/// <param name="DatabaseBytes">The daemon's own file, with what is not yet folded into it.</param>
/// <param name="Tables">Of the daemon's own file.</param>
public sealed record Checkup(IReadOnlyList<BrokerCheck> Brokers, DateTimeOffset? OldestPending, long DatabaseBytes, IReadOnlyList<TableSize> Tables);

/// <param name="Workspaces">Short names of the workspaces that are on it.</param>
/// <param name="Fault">One of <see cref="BrokerFaults"/>; null when it answers and is well.</param>
/// <param name="Detail">What exactly went wrong; null when nothing did.</param>
/// <param name="Version">What it says of itself; null when it did not answer.</param>
/// <param name="ClockSkewSeconds">How far its clock is ahead of ours; null when it did not answer.</param>
/// <param name="Milliseconds">How long the answer took.</param>
/// <param name="Proxy">The proxy on the way; null when there is none.</param>
public sealed record BrokerCheck(
    string Broker,
    IReadOnlyList<string> Workspaces,
    string? Fault,
    string? Detail,
    string? Version,
    long? ClockSkewSeconds,
    long Milliseconds,
    string? Proxy);

public sealed record TableSize(string Name, long Rows);

/// <summary>Why a broker does not serve us; each has another remedy.</summary>
public static class BrokerFaults
{
    /// <summary>Its name is not known to the network.</summary>
    public const string Name = "name";

    /// <summary>Nobody listens there, or no way leads there.</summary>
    public const string Connection = "connection";

    public const string Timeout = "timeout";

    /// <summary>A proxy is on the way and does not let us through.</summary>
    public const string Proxy = "proxy";

    /// <summary>Its certificate is of an authority that is not trusted here.</summary>
    public const string Authority = "authority";

    /// <summary>Another fault of the secured connection: the name, the time, the protocol.</summary>
    public const string Tls = "tls";

    /// <summary>Something answers that is no broker.</summary>
    public const string NoBroker = "no_broker";

    /// <summary>It answers, and says that it cannot work.</summary>
    public const string Unhealthy = "unhealthy";
}
