using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests;

/// <summary>Listens at a daemon's socket and answers each request with the next thing it was told for that route.</summary>
internal sealed class ScriptedDaemon : IAsyncDisposable
{
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource closing = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<byte[]>> answers = new(StringComparer.Ordinal);
    private readonly Task serving;
    private TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="answersVersion">Whether it is ready like a real one.</param>
    public ScriptedDaemon(DaemonHome home, bool answersVersion = true)
    {
        Directory.CreateDirectory(home.Folder);
        File.Delete(home.Socket);
        listener.Bind(new UnixDomainSocketEndPoint(home.Socket));
        File.SetUnixFileMode(home.Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        listener.Listen(16);
        if (answersVersion)
            Answers("GET", LocalRoutes.Version, new DaemonVersion("2.0.0", "v1", Environment.ProcessId), LocalJson.Default.DaemonVersion);
        serving = ServeAsync();
    }

    /// <summary>Head and body of every request, as they came.</summary>
    public ConcurrentQueue<(string Line, string Body)> Requests { get; } = new();

    /// <summary>Every header of every request.</summary>
    public ConcurrentQueue<string> Headers { get; } = new();

    /// <summary>Returns when a route has been asked that often.</summary>
    public async Task RequestedAsync(string route, int times)
    {
        while (true)
        {
            Task next = asked.Task;
            if (Requests.Count(request => request.Line.StartsWith(route, StringComparison.Ordinal)) >= times)
                return;
            await next;
        }
    }

    public ScriptedDaemon Answers<T>(string method, string path, T value, JsonTypeInfo<T> type) =>
        AnswersRaw(method, path, Http("200 OK", JsonSerializer.SerializeToUtf8Bytes(value, type)));

    public ScriptedDaemon Refuses(string method, string path, LocalProblem problem) =>
        AnswersRaw(method, path, Http($"{problem.Status} Refused", JsonSerializer.SerializeToUtf8Bytes(problem, LocalJson.Default.LocalProblem)));

    /// <summary>Sends these bytes and closes. No bytes: the daemon dies in the middle.</summary>
    public ScriptedDaemon AnswersRaw(string method, string path, byte[] answer)
    {
        answers.GetOrAdd($"{method} {path}", _ => new()).Enqueue(answer);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync();
        listener.Dispose();
        await serving;
        closing.Dispose();
    }

    private static byte[] Http(string status, byte[] body) =>
        [.. Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                await AnswerAsync(await listener.AcceptAsync(closing.Token));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        string line = await reader.ReadLineAsync(closing.Token) ?? "";
        int length = 0;
        while (await reader.ReadLineAsync(closing.Token) is { Length: > 0 } header)
        {
            Headers.Enqueue(header);
            if (header.StartsWith("Content-Length: ", StringComparison.Ordinal))
                length = int.Parse(header["Content-Length: ".Length..], System.Globalization.CultureInfo.InvariantCulture);
        }

        char[] body = new char[length];
        if (length > 0)
            await reader.ReadBlockAsync(body, closing.Token);
        Requests.Enqueue((line, new string(body)));
        Interlocked.Exchange(ref asked, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        string route = line[..line.LastIndexOf(" HTTP", StringComparison.Ordinal)].Split('?')[0];
        Assert.True(answers.TryGetValue(route, out ConcurrentQueue<byte[]>? queue), $"The test did not expect {route}.");
        // The last answer of a route stays.
        byte[]? answer = queue.Count > 1 && queue.TryDequeue(out byte[]? next) ? next : queue.TryPeek(out byte[]? last) ? last : null;
        await stream.WriteAsync(answer!, closing.Token);
    }
}
