using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace Claudemesh.TestKit;

/// <param name="Data">As it was sent, header and text.</param>
public sealed record ReceivedMail(string From, string To, string Data, string? Login);

/// <summary>An SMTP server (RFC 5321) that keeps what it is given, on a port of its own.</summary>
public sealed class TestMailServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Channel<ReceivedMail> received = Channel.CreateUnbounded<ReceivedMail>();
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    /// <param name="refusals">How many times it says that it cannot now, before it takes letters.</param>
    public TestMailServer(int refusals = 0)
    {
        RefusalsLeft = refusals;
        listener.Start();
        running = RunAsync();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public int RefusalsLeft { get; private set; }

    /// <summary>What waits to be looked at.</summary>
    public int Count => received.Reader.Count;

    public async Task<ReceivedMail> NextAsync() => await received.Reader.ReadAsync(stop.Token).AsTask().WaitAsync(TestSocket.Patience);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await running;
        stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(stop.Token);
                await TalkAsync(client);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using StreamReader reader = new(client.GetStream(), Encoding.ASCII);
        await using StreamWriter writer = new(client.GetStream(), Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync("220 test ESMTP");
        (string from, string to, string? login) = ("", "", null);
        while (await reader.ReadLineAsync(stop.Token) is { } line)
        {
            string verb = line.Split(' ', ':')[0].ToUpperInvariant();
            if (verb is "MAIL")
                from = line;
            else if (verb is "RCPT")
                to = line;
            else if (verb is "AUTH")
                login = Encoding.UTF8.GetString(Convert.FromBase64String(line.Split(' ')[^1]));
            if (verb is "DATA")
            {
                await writer.WriteLineAsync("354 go on");
                received.Writer.TryWrite(new ReceivedMail(from, to, await ReadDataAsync(reader), login));
            }

            await writer.WriteLineAsync(AnswerTo(verb));
            if (verb is "QUIT")
                return;
        }
    }

    private string AnswerTo(string verb)
    {
        switch (verb)
        {
            case "EHLO":
                return "250-test\r\n250-AUTH PLAIN\r\n250 8BITMIME";
            case "AUTH":
                return "235 yes";
            case "QUIT":
                return "221 bye";
            case "MAIL" when RefusalsLeft > 0:
                RefusalsLeft--;
                return "451 not now";
            default:
                return "250 yes";
        }
    }

    private async Task<string> ReadDataAsync(StreamReader reader)
    {
        StringBuilder data = new();
        while (await reader.ReadLineAsync(stop.Token) is { } line && line != ".")
            data.AppendLine(line.StartsWith('.') ? line[1..] : line);
        return data.ToString();
    }
}
