using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Claudemesh.Load.Targets;

/// <summary>The broker or the sink: started here and ended here, or running already and only looked at.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(10);

    private static readonly ConcurrentDictionary<ServerProcess, bool> Started = new();

    private readonly Process? process;
    private readonly DirectoryInfo? data;

    private ServerProcess(Uri url, Process? process, DirectoryInfo? data, int? id)
    {
        Started[this] = true;
        Url = url;
        this.process = process;
        this.data = data;
        Id = process?.Id ?? id;
    }

    public Uri Url { get; }

    public bool IsSink { get; private init; }

    /// <summary>Null for a server elsewhere, of which no figures are known.</summary>
    public int? Id { get; }

    /// <summary>From the start of the process to the first good answer of its door.</summary>
    public TimeSpan ReadyAfter { get; private init; }

    public ProcessFigures Figures => Id is { } id ? ProcessFigures.Read(id) : default;

    /// <summary>The peak of <see cref="Figures"/> counts from now.</summary>
    public void ForgetPeak()
    {
        if (Id is { } id)
            ProcessFigures.ForgetPeak(id);
    }

    public static ServerProcess Running(Uri url, int? id) => new(url, process: null, data: null, id);

    /// <summary>Ends all that were started here; for when there is no time to say goodbye.</summary>
    public static void EndAll()
    {
        foreach (ServerProcess server in Started.Keys)
        {
            server.process?.Kill();
            server.process?.WaitForExit(StopMax);
            server.data?.Delete(recursive: true);
        }
    }

    public static async Task<ServerProcess> StartSinkAsync(CancellationToken cancellationToken)
    {
        Process started = Start(Environment.ProcessPath!, ["sink"], reads: true);
        try
        {
            string? line = await started.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(StartMax, cancellationToken);
            const string Listening = "listening on ";
            return line is not null && line.StartsWith(Listening, StringComparison.Ordinal)
                ? new ServerProcess(new Uri(line[Listening.Length..]), started, data: null, id: null) { IsSink = true }
                : throw new InvalidOperationException("The sink did not start.");
        }
        catch
        {
            started.Kill();
            started.Dispose();
            throw;
        }
    }

    /// <summary>Starts a broker of its own on an empty data folder that is removed with it.</summary>
    public static async Task<ServerProcess> StartBrokerAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("claudemesh-bench-");
        Uri url = new($"http://127.0.0.1:{FreePort().ToString(CultureInfo.InvariantCulture)}");
        long begun = Stopwatch.GetTimestamp();
        string log = Path.Combine(folder.FullName, "broker.log");
        Process started = Start(
            "/bin/sh",
            ["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1", "sh", log, program, "--listen", url.OriginalString, "--data", folder.FullName, .. arguments],
            reads: false);
        try
        {
            await WaitUntilReadyAsync(url, started, cancellationToken);
            return new ServerProcess(url, started, folder, id: null) { ReadyAfter = Stopwatch.GetElapsedTime(begun) };
        }
        catch
        {
            started.Kill();
            started.Dispose();
            folder.Delete(recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Started.TryRemove(this, out _);
        if (process is not null)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(StopMax);
            process.Dispose();
        }

        data?.Delete(recursive: true);
    }

    private static Process Start(string program, string[] arguments, bool reads)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = reads };
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started.");
    }

    private static async Task WaitUntilReadyAsync(Uri url, Process broker, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartMax);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(1));
        while (!await IsReadyAsync(url, limit.Token))
        {
            if (broker.HasExited)
                throw new InvalidOperationException($"The broker ended at its start with {broker.ExitCode}.");

            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>Asks without an HTTP library, whose own first steps would take longer than the broker's.</summary>
    private static async Task<bool> IsReadyAsync(Uri url, CancellationToken cancellationToken)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, url.Port, cancellationToken);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /health/ready HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: close\r\n\r\n"), cancellationToken);
            byte[] answer = new byte[64];
            int count = await socket.ReceiveAsync(answer, cancellationToken);
            return answer.AsSpan(0, count).StartsWith("HTTP/1.1 200 "u8);
        }
        catch (SocketException)
        {
            // It does not listen yet.
            return false;
        }
    }

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
