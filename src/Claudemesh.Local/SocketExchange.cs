using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Claudemesh.Local;

/// <summary>
/// One HTTP/1.1 request and its answer over a unix socket, on a connection of their own. The framework's client would double the size of a verb's
/// program, and with it the time that each verb takes to start.
/// </summary>
internal sealed class SocketExchange : IAsyncDisposable
{
    /// <summary>The longest head of an answer, in bytes.</summary>
    private const int HeadBytesMax = 16 * 1024;

    private readonly NetworkStream stream;

    private SocketExchange(NetworkStream stream, int status, string? server, Stream body)
    {
        this.stream = stream;
        Status = status;
        Server = server;
        Body = body;
    }

    public int Status { get; }

    /// <summary>Which program answers, and its version.</summary>
    public string? Server { get; }

    public bool Succeeded => Status is >= 200 and < 300;

    /// <summary>Ends where the answer ends; an <see cref="IOException"/> when the connection is cut before.</summary>
    public Stream Body { get; }

    /// <summary>Sends the request and reads the head of the answer.</summary>
    /// <param name="headers">Whole lines, each with its line break.</param>
    /// <exception cref="SocketException">Nobody listens.</exception>
    /// <exception cref="IOException">The connection was cut, or the answer is no HTTP.</exception>
    public static async Task<SocketExchange> StartAsync(
        string socketPath, string method, string path, string headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var connection = default(NetworkStream);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
            connection = new NetworkStream(socket, ownsSocket: true);
            string length = body.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n") : "";
            byte[] head = Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}{length}\r\n");
            // One write: the daemon reads a small request whole.
            byte[] request = new byte[head.Length + body.Length];
            head.CopyTo(request, 0);
            body.Span.CopyTo(request.AsSpan(head.Length));
            await connection.WriteAsync(request, cancellationToken);

            return await ReadHeadAsync(connection, cancellationToken);
        }
        catch
        {
            if (connection is not null)
                await connection.DisposeAsync();

            socket.Dispose();
            throw;
        }
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    private static async Task<SocketExchange> ReadHeadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[HeadBytesMax];
        int filled = 0;
        while (true)
        {
            int read = await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken);
            if (read == 0)
                throw new IOException("The connection ended before the answer.");

            filled += read;
            int end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                string[] lines = Encoding.Latin1.GetString(buffer, 0, end).Split("\r\n");
                var body = new AnswerBody(stream, buffer, end + 4, filled, FindLength(lines), IsChunked(lines));
                return new SocketExchange(stream, ReadStatus(lines[0]), FindHeader(lines, "server:"), body);
            }

            if (filled == buffer.Length)
                throw new IOException("The head of the answer is too long.");
        }
    }

    private static int ReadStatus(string line) =>
        line.StartsWith("HTTP/1.1 ", StringComparison.Ordinal)
        && line.Length >= 12
        && int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int status)
            ? status
            : throw new IOException("What answers at the socket does not speak HTTP/1.1.");

    private static long? FindLength(string[] lines) =>
        FindHeader(lines, "content-length:") is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long length) ? length : null;

    private static bool IsChunked(string[] lines) =>
        FindHeader(lines, "transfer-encoding:") is { } coding && coding.Contains("chunked", StringComparison.OrdinalIgnoreCase);

    private static string? FindHeader(string[] lines, string name) =>
        lines.Where(line => line.StartsWith(name, StringComparison.OrdinalIgnoreCase)).Select(line => line[name.Length..].Trim()).FirstOrDefault();
}
