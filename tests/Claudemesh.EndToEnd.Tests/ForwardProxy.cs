using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>
/// A company's proxy: tunnels (CONNECT) and forwards plain requests. It alone knows where <see cref="Host"/> is, so that whoever arrives there came by it.
/// </summary>
internal sealed class ForwardProxy : IAsyncDisposable
{
    /// <summary>A name that the network does not have (RFC 6761).</summary>
    public const string Host = "mesh.invalid";

    private const int HeadBytesMax = 16 * 1024;

    private readonly Front front;
    private readonly Uri broker;
    private readonly string? login;

    /// <param name="broker">Where <see cref="Host"/> is.</param>
    /// <param name="login"><c>NAME:PASSWORD</c>; null: it asks for none.</param>
    public ForwardProxy(Uri broker, string? login = null)
    {
        this.broker = broker;
        this.login = login;
        front = new Front(ServeAsync);
    }

    /// <summary>As it is written into <c>HTTP_PROXY</c>.</summary>
    public string Address(string? login = null) => string.Create(CultureInfo.InvariantCulture, $"http://{(login is null ? "" : login + "@")}127.0.0.1:{front.Port}");

    public ValueTask DisposeAsync() => front.DisposeAsync();

    private async Task ServeAsync(NetworkStream client, CancellationToken closing)
    {
        byte[] head = await ReadHeadAsync(client, closing);
        string text = Encoding.ASCII.GetString(head);
        if (login is not null && !text.Contains("Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes(login)), StringComparison.Ordinal))
        {
            await AnswerAsync(client, "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"company\"\r\nContent-Length: 0\r\nConnection: close", closing);
            return;
        }

        bool isTunnel = text.StartsWith("CONNECT ", StringComparison.Ordinal);
        if (isTunnel)
            await AnswerAsync(client, "200 Established", closing);

        // A server takes a request with the whole address in it as well.
        await Front.JoinAsync(client, broker, isTunnel ? [] : head, closing);
    }

    private static ValueTask AnswerAsync(NetworkStream client, string answer, CancellationToken closing) =>
        client.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {answer}\r\n\r\n"), closing);

    private static async Task<byte[]> ReadHeadAsync(NetworkStream client, CancellationToken closing)
    {
        byte[] buffer = new byte[HeadBytesMax];
        int filled = 0;
        while (buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8) < 0)
        {
            int read = await client.ReadAsync(buffer.AsMemory(filled), closing);
            if (read == 0)
                throw new IOException("The client has gone.");
            filled += read;
        }

        return buffer[..filled];
    }
}
