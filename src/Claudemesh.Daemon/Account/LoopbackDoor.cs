using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace Claudemesh.Daemon.Account;

/// <summary>
/// Listens on 127.0.0.1 for as long as one login lasts: a browser that comes here with the code of its approval is on this computer. One path, GET, the right
/// host, one code; whatever else comes is refused, and nothing is told to anybody.
/// </summary>
internal sealed class LoopbackDoor : IAsyncDisposable
{
    public const string Path = "/claudemesh/login";

    private const int HeadBytesMax = 8 * 1024;
    private const int CodesMax = 8;
    private const int CodeCharactersMax = 128;

    private static readonly TimeSpan HeadWithin = TimeSpan.FromSeconds(10);

    private const string Closing =
        "<!doctype html><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>claudemesh</title><p>You can close this page: your terminal says how it goes on.";

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource closing = new();
    private readonly TimeProvider clock;
    private readonly Task serving;

    // Whatever runs on this computer can bring codes; those beyond the first few are nobody's.
    private readonly Channel<string> codes = Channel.CreateBounded<string>(new BoundedChannelOptions(CodesMax) { FullMode = BoundedChannelFullMode.DropWrite });

    private LoopbackDoor(TimeProvider clock)
    {
        this.clock = clock;
        listener.Start(backlog: 8);
        serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <returns>Null where this machine has no loopback to listen on.</returns>
    public static LoopbackDoor? TryOpen(TimeProvider clock)
    {
        try
        {
            return new LoopbackDoor(clock);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    public Task<string> NextCodeAsync(CancellationToken cancellationToken) => codes.Reader.ReadAsync(cancellationToken).AsTask();

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Stop();
        await serving;
        listener.Dispose();
        closing.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using Socket caller = await listener.AcceptSocketAsync(closing.Token);
                await AnswerAsync(caller);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The login is over.
        }
    }

    private async Task AnswerAsync(Socket caller)
    {
        using var late = new CancellationTokenSource(HeadWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, closing.Token);
        try
        {
            string? head = await ReadHeadAsync(caller, either.Token);
            (string status, string page) = head is null ? ("400 Bad Request", "") : Judge(head);
            byte[] answer = Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {Encoding.UTF8.GetByteCount(page)}\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{page}"));
            await caller.SendAsync(answer, either.Token);
            caller.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException || (error is OperationCanceledException && !closing.IsCancellationRequested))
        {
            // It went away, or said nothing; the next one is answered.
        }
    }

    /// <summary>A page of another site may make a browser come here, but only with that site's name as host or as origin.</summary>
    private (string Status, string Page) Judge(string head)
    {
        string[] lines = head.Split("\r\n");
        string[] request = lines[0].Split(' ');
        string[] hosts = [.. lines.Skip(1).Where(line => line.StartsWith("Host:", StringComparison.OrdinalIgnoreCase)).Select(line => line["Host:".Length..].Trim())];
        if (request is not [var method, var target, "HTTP/1.1" or "HTTP/1.0"] || hosts is not [var host])
            return ("400 Bad Request", "");
        if (host != $"127.0.0.1:{Port}" && host != $"localhost:{Port}")
            return ("421 Misdirected Request", "");
        if (method is not "GET")
            return ("405 Method Not Allowed", "");
        if (!target.StartsWith(Path + "?code=", StringComparison.Ordinal))
            return ("404 Not Found", "");

        string code = target[(Path.Length + "?code=".Length)..];
        if (code.Length is 0 or > CodeCharactersMax || !code.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
            return ("400 Bad Request", "");

        codes.Writer.TryWrite(code);
        return ("200 OK", Closing);
    }

    private static async Task<string?> ReadHeadAsync(Socket caller, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[HeadBytesMax];
        int count = 0;
        while (count < bytes.Length)
        {
            int read = await caller.ReceiveAsync(bytes.AsMemory(count), cancellationToken);
            if (read == 0)
                return null;

            count += read;
            int end = bytes.AsSpan(0, count).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
                return Encoding.Latin1.GetString(bytes, 0, end);
        }

        return null;
    }
}
