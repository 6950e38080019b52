using System.Net;
using System.Net.Http;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;

namespace Claudemesh.Client;

/// <summary>Makes connected sockets: proxy, TLS and trust are decided here and nowhere else.</summary>
internal sealed class SocketDialer : IDisposable
{
    private readonly MeshConnectionOptions options;
    private readonly HttpMessageInvoker invoker;
    private volatile CorkedStream? newest;

    /// <summary>Those that are gone by.</summary>
    internal IWebProxy Proxies => options.Proxy ?? SystemProxy.Instance;

    internal SocketDialer(MeshConnectionOptions options)
    {
        this.options = options;
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectCallback = ConnectAsync,
            Proxy = Proxies,
        };
        if (options.CertificateAuthorityFile is { } file)
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = TrustOnly(file) };
        invoker = new HttpMessageInvoker(handler);
    }

    /// <summary>One call at a time: the stream is the one below the socket.</summary>
    /// <exception cref="WebSocketException">The broker could not be reached, or is no broker.</exception>
    internal async Task<(ClientWebSocket Socket, CorkedStream Wire)> DialAsync(CancellationToken cancellationToken)
    {
        ClientWebSocket socket = new();
        try
        {
            // The framework pings, and gives up when the answer to a ping stays away.
            socket.Options.KeepAliveInterval = options.PingInterval;
            socket.Options.KeepAliveTimeout = options.DeadAfter - options.PingInterval;
            await socket.ConnectAsync(options.Broker.Socket, invoker, cancellationToken);
            return (socket, newest!);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => invoker.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        Socket tcp = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await tcp.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return newest = new CorkedStream(new NetworkStream(tcp, ownsSocket: true));
        }
        catch
        {
            tcp.Dispose();
            throw;
        }
    }

    private static X509ChainPolicy TrustOnly(string file)
    {
        X509ChainPolicy policy = new()
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(file);
        return policy;
    }
}
