using Claudemesh.Broker.Messaging.Delivery;

namespace Claudemesh.Broker.Compatibility;

/// <summary>
/// Which 1.x clients acknowledge what they are pushed (wire reference 4.4): daemons do, on member and session sockets;
/// cold verbs, the SDK, connectors and bridges never do.
/// </summary>
internal static class LegacyChannels
{
    /// <summary>The one reader that all acknowledging 1.x connections of a member share.</summary>
    public const string MemberDevice = "1.x";

    /// <summary>An original daemon's own connection, beside those of its sessions.</summary>
    public const string Daemon = "claudemesh-daemon";

    public const string SessionDevice = "1.x session";

    public static ReaderKind Reader(string? channel) =>
        channel is Daemon or "claudemesh-session" ? ReaderKind.Legacy : ReaderKind.Peek;
}
