using System.Diagnostics;
using Claudemesh.Load.Targets;
using Claudemesh.Local;

namespace Claudemesh.Load.Scenarios;

/// <summary>What an AI coding session waits for its MCP server, how soon a message is before it, and what ten sessions cost.</summary>
internal sealed class McpScenario : IScenario
{
    private const int Starts = 31;
    private const int Sends = 300;
    private const int SendsBefore = 20;
    private const int Sessions = 10;
    private const string Verb = "claudemesh";
    private const string Server = "claudemesh-mcp";
    private const string Daemon = "claudemeshd";
    private const long ServerBytesGoal = 16_000_000;
    private const long DaemonBytesGoal = 60_000_000;
    private static readonly TimeSpan StartGoal = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan PushGoal = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);

    public string Name => "mcp";

    public string Describe => "claudemesh mcp: to its first answer; a message to its notification; the daemon with ten sessions";

    public bool NeedsBroker => true;

    public bool IsOnlyByName => false;

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        if (Array.Exists([Verb, Server, Daemon], program => !File.Exists(bench.Settings.Program(program))))
        {
            bench.Report.Skip("mcp", "claudemesh, claudemesh-mcp and claudemeshd are not built");
            return;
        }

        await using ServerProcess broker = await bench.StartBrokerAsync(cancellationToken);
        using PersonsHome alice = new(bench.Settings.Program(Verb));
        using PersonsHome bob = new(bench.Settings.Program(Verb));
        await alice.MeetAsync(bob, broker.Url, cancellationToken);

        await MeasureStartAsync(bench, bob, Server, [], cancellationToken);
        await MeasureStartAsync(bench, bob, Verb, ["mcp"], cancellationToken);
        await MeasureSessionsAsync(bench, alice, bob, cancellationToken);
    }

    private static async Task MeasureStartAsync(Bench bench, PersonsHome home, string program, string[] arguments, CancellationToken cancellationToken)
    {
        List<TimeSpan> times = [];
        List<long> bytes = [];
        for (int start = 0; start < Starts; start++)
        {
            long began = Stopwatch.GetTimestamp();
            using McpProcess server = await StartAsync(bench, home, program, arguments, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(began));
            bytes.Add(server.Figures.ResidentBytes);
        }

        TimeSpan time = Samples.Percentile(times, 0.5);
        long resident = bytes.Max();
        string name = string.Join(' ', arguments.Prepend(program));
        bench.Report.Add(new Row($"`{name}`, to the answer to `initialize`", Report.Milliseconds(time), Goal: "≤ 25 ms", Reached: time <= StartGoal, Earlier: "506 ms"));
        bench.Report.Add(new Row("… memory", Report.Megabytes(resident), Goal: "≤ 16 MB", Reached: resident <= ServerBytesGoal, Earlier: "100 MB"));
    }

    private static async Task MeasureSessionsAsync(Bench bench, PersonsHome alice, PersonsHome bob, CancellationToken cancellationToken)
    {
        List<McpProcess> sessions = [];
        try
        {
            for (int session = 0; session < Sessions; session++)
            {
                sessions.Add(await StartAsync(bench, bob, Verb, ["mcp"], cancellationToken));
                await sessions[^1].InitializedAsync(cancellationToken);
            }

            await WaitUntilOpenAsync(bob, cancellationToken);
            List<TimeSpan> times = await TimePushesAsync(alice, sessions, cancellationToken);
            TimeSpan tail = Samples.Percentile(times, 0.99);
            bench.Report.Add(new Row(
                $"sent to the last of {Sessions} notifications, p50", Report.Milliseconds(Samples.Percentile(times, 0.5))));
            bench.Report.Add(new Row(
                $"sent to the last of {Sessions} notifications, p99", Report.Milliseconds(tail), Goal: "≤ 50 ms", Reached: tail <= PushGoal));

            await Task.Delay(Settle, TimeProvider.System, cancellationToken);
            long server = sessions.Max(session => session.Figures.ResidentBytes);
            bench.Report.Add(new Row("`claudemesh mcp`, in use, memory", Report.Megabytes(server), Goal: "≤ 16 MB", Reached: server <= ServerBytesGoal, Earlier: "100 MB"));
            if (bob.FindDaemon() is { } daemon)
            {
                long bytes = ProcessFigures.Read(daemon).ResidentBytes;
                bench.Report.Add(new Row($"daemon with {Sessions} sessions, memory", Report.Megabytes(bytes), Goal: "≤ 60 MB", Reached: bytes <= DaemonBytesGoal));
            }
        }
        finally
        {
            foreach (McpProcess session in sessions)
                session.Dispose();
        }
    }

    private static Task<McpProcess> StartAsync(Bench bench, PersonsHome home, string program, string[] arguments, CancellationToken cancellationToken) =>
        McpProcess.StartAsync(bench.Settings.Program(program), arguments, home.Environment, home.Folder, cancellationToken);

    private static async Task WaitUntilOpenAsync(PersonsHome home, CancellationToken cancellationToken)
    {
        LocalClient client = new(home.Socket);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        while ((await client.ListSessionsAsync(cancellationToken)).Value?.Sessions.Count is not Sessions)
            await timer.WaitForNextTickAsync(cancellationToken);
    }

    /// <summary>One message after the other to the member: a message is there when every session of his has it.</summary>
    private static async Task<List<TimeSpan>> TimePushesAsync(PersonsHome from, List<McpProcess> sessions, CancellationToken cancellationToken)
    {
        LocalClient client = new(from.Socket);
        List<TimeSpan> times = [];
        for (int send = 0; send < SendsBefore + Sends; send++)
        {
            string text = $"message {send}";
            long began = Stopwatch.GetTimestamp();
            LocalReply<SendResult> sent = await client.SendAsync(new SendMessage("bob", text), cancellationToken);
            if (!sent.Succeeded)
                throw new InvalidOperationException(sent.Problem.Detail);

            string[] heard = await Task.WhenAll(sessions.Select(session => session.NextContentAsync(cancellationToken)));
            if (send >= SendsBefore)
                times.Add(Stopwatch.GetElapsedTime(began));
            if (Array.Exists(heard, content => content != "alice: " + text))
                throw new InvalidOperationException($"A session heard '{heard[0]}' instead of '{text}'.");
        }

        return times;
    }
}
