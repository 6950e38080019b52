using System.Net;
using Claudemesh.Protocol;

namespace Claudemesh.Client;

/// <summary>Who connects where, and the limits of the connection. Everything that is not required has the value that the daemon uses.</summary>
public sealed record MeshConnectionOptions
{
    public required BrokerAddress Broker { get; init; }

    public required MeshId MeshId { get; init; }

    /// <summary>Which of the member's devices this is. Each device reads the member's mailbox for itself, so keep it.</summary>
    public required DeviceId DeviceId { get; init; }

    /// <summary>The program and its version, shown to people; at most 64 characters.</summary>
    public required string Client { get; init; }

    /// <summary>Features of this client that the broker may use: <c>receipts</c> asks for <see cref="Receipt"/> events; <c>resends</c>
    /// promises that what was refused for now is sent again before anything later to the same target.</summary>
    public string[] Features { get; init; } = [];

    public string? Hostname { get; init; }

    public string? Platform { get; init; }

    /// <summary>False for a connection that is not shown as a peer.</summary>
    public bool Presence { get; init; } = true;

    /// <summary>Asked before each handshake: what the member says of itself now. Null: nothing.</summary>
    public Func<Introduction>? Introduce { get; init; }

    /// <summary>
    /// Asked before each handshake: how far this device has stored the member's mailbox. Null: pushes start after what the broker knows.
    /// </summary>
    public Func<CancellationToken, ValueTask<ResumeFrom>>? Resume { get; init; }

    /// <summary>How many events may wait for the reader of <see cref="MeshConnection.Events"/>. When they do, the socket is not read.</summary>
    public int EventsMax { get; init; } = 256;

    /// <summary>How many frames may wait to be written. When they do, whoever writes waits.</summary>
    public int FramesMax { get; init; } = 1024;

    /// <summary>How many requests may wait for their reply. When they do, the next one waits.</summary>
    public int RequestsMax { get; init; } = 1024;

    /// <summary>The largest message that is read. A larger one breaks the connection.</summary>
    public int FrameBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>How long a request waits for its reply, unless it says otherwise.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long name resolution, TCP, TLS and the upgrade together may take; and after it the handshake.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a quiet connection is pinged. Measured by the machine's own clock: the framework sends the pings.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long nothing may come, not even the answer to a ping, before the connection counts as dead.</summary>
    public TimeSpan DeadAfter { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>
    /// A PEM file of authorities that are trusted instead of the system's. The system's own are those of <c>SSL_CERT_FILE</c> where
    /// that is set.
    /// </summary>
    public string? CertificateAuthorityFile { get; init; }

    /// <summary>Null: <see cref="SystemProxy"/>.</summary>
    public IWebProxy? Proxy { get; init; }
}

/// <summary>What a device has stored: the database's incarnation that the points are of, and one point a lane.</summary>
public sealed record ResumeFrom(string? Incarnation, ResumePoint[] Points)
{
    public static ResumeFrom Nothing { get; } = new(null, []);
}
