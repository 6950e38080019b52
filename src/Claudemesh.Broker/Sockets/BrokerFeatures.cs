namespace Claudemesh.Broker.Sockets;

/// <summary>What this broker tells of itself.</summary>
internal static class BrokerFeatures
{
    public static readonly string VersionNumber = typeof(BrokerFeatures).Assembly.GetName().Version?.ToString(3) ?? "0";

    public static readonly string Version = "claudemesh-broker/" + VersionNumber;

    /// <summary>A client that wants receipts.</summary>
    public const string Receipts = "receipts";

    /// <summary>
    /// A client that sends what was refused for now again before anything later to the same target, so that the broker may refuse what is already on
    /// its way behind it.
    /// </summary>
    public const string Resends = "resends";

    /// <summary>A client that is told what changes in state, memory and summaries.</summary>
    public const string Objects = "objects";

    /// <summary>A client that follows the signed logs: it is told when one moves, and when somebody wants a copy.</summary>
    public const string Log = "log";

    public static readonly string[] All = ["v3", "sessions", Receipts, Resends, "members", Objects, Log, "topics"];

    /// <summary>Those that a hello can turn on.</summary>
    public static string[] OnFor(string[] wanted) => [.. wanted.Intersect([Receipts, Resends, Objects, Log], StringComparer.Ordinal)];
}
