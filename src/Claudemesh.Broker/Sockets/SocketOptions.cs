using System.ComponentModel.DataAnnotations;

namespace Claudemesh.Broker.Sockets;

/// <summary>Bounds and times of <c>/ws</c>.</summary>
internal sealed class SocketOptions
{
    /// <summary>The largest WebSocket message that is read at all, bytes; above it the socket is closed with 1009. Default 1 MiB.</summary>
    [Range(65_536, 16 * 1024 * 1024)]
    public int FrameBytesMax { get; set; } = 1024 * 1024;

    /// <summary>How long a socket may stay without a hello. Default 15.</summary>
    [Range(1, 300)]
    public int HelloDeadlineSeconds { get; set; } = 15;

    /// <summary>How often a ping goes out. Default 30 (wire reference 1.2).</summary>
    [Range(1, 300)]
    public int PingIntervalSeconds { get; set; } = 30;

    /// <summary>How long after a ping the peer may be silent before the socket counts as lost. Default 45: 75 in all.</summary>
    [Range(1, 300)]
    public int PongTimeoutSeconds { get; set; } = 45;

    /// <summary>Sockets of one workspace; one more is refused with <c>capacity</c>. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int ConnectionsPerWorkspaceMax { get; set; } = 10_000;

    /// <summary>Whether the 1.x handshakes (<c>hello</c>, <c>session_hello</c>) are accepted. Default true.</summary>
    public bool AcceptLegacyHello { get; set; } = true;

    /// <summary>Origins that browsers may connect from, besides the broker's own. Requests without an Origin are no browsers'.</summary>
    public IList<string> AllowedOrigins { get; } = [];
}
