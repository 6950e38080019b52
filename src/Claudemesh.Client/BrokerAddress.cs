using System.Diagnostics.CodeAnalysis;

namespace Claudemesh.Client;

/// <summary>
/// Where a broker is. Read from whatever people paste: <c>http(s)://host[:port]</c>, <c>ws(s)://host[:port]/ws</c>, with or without a
/// path; the socket is always at <c>/ws</c> of the host, and everything else beside it.
/// </summary>
public sealed record BrokerAddress
{
    private const string SocketPath = "/ws";

    private BrokerAddress(Uri socket, Uri http)
    {
        Socket = socket;
        Http = http;
    }

    /// <summary><c>ws</c> or <c>wss</c>, ending in <c>/ws</c>.</summary>
    public Uri Socket { get; }

    /// <summary><c>http</c> or <c>https</c>, ending in <c>/</c>: the base of every other route.</summary>
    public Uri Http { get; }

    public static bool TryParse(string? text, [NotNullWhen(true)] out BrokerAddress? address)
    {
        address = null;
        if (!Uri.TryCreate(text?.Trim(), UriKind.Absolute, out Uri? given)
            || given.Scheme is not ("http" or "https" or "ws" or "wss")
            || given.Host.Length == 0
            || given.UserInfo.Length > 0)
            return false;

        bool secure = given.Scheme is "https" or "wss";
        string host = given.IsDefaultPort ? given.Host : $"{given.Host}:{given.Port}";
        address = new BrokerAddress(
            new Uri($"{(secure ? "wss" : "ws")}://{host}{SocketPath}"),
            new Uri($"{(secure ? "https" : "http")}://{host}/"));
        return true;
    }

    public static BrokerAddress Parse(string text) =>
        TryParse(text, out BrokerAddress? address) ? address : throw new FormatException("A broker's address is a URL: http(s)://host or ws(s)://host/ws.");

    public override string ToString() => Socket.ToString();
}
