using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>Stands in front of a broker and takes each connection for it in its own way.</summary>
internal sealed class Front : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource closing = new();
    private readonly ConcurrentBag<Task> serving = [];
    private readonly Func<NetworkStream, CancellationToken, Task> serve;
    private readonly Task accepting;

    public Front(Func<NetworkStream, CancellationToken, Task> serve)
    {
        this.serve = serve;
        listener.Start();
        accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>Speaks TLS for the broker.</summary>
    public static Front Securing(Uri broker, X509Certificate2 certificate) => new(async (client, closing) =>
    {
        await using var secure = new SslStream(client);
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, closing);
        await JoinAsync(secure, broker, [], closing);
    });

    /// <summary>Lets the client and the broker speak until one of them has enough.</summary>
    /// <param name="first">What the client has said already.</param>
    public static async Task JoinAsync(Stream client, Uri broker, byte[] first, CancellationToken closing)
    {
        using var server = new TcpClient();
        await server.ConnectAsync(broker.Host, broker.Port, closing);
        NetworkStream stream = server.GetStream();
        await stream.WriteAsync(first, closing);
        await Task.WhenAny(client.CopyToAsync(stream, closing), stream.CopyToAsync(client, closing));
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Dispose();
        await accepting;
        await Task.WhenAll(serving);
        closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                serving.Add(ServeAsync(await listener.AcceptTcpClientAsync(closing.Token)));
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await serve(client.GetStream(), closing.Token);
            }
            catch (Exception over) when (over is OperationCanceledException or IOException or SocketException or AuthenticationException)
            {
                // One of the two has gone, or the client does not trust us.
            }
        }
    }
}
