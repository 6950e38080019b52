using System.CommandLine;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;

namespace Claudemesh.Cli.Verbs;

/// <summary><c>claudemesh daemon logs</c>. Reads the file itself: a daemon that does not answer is when its log is wanted.</summary>
internal static class DaemonLogsVerb
{
    private const int LinesDefault = 50;
    private const int LinesMax = 100_000;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    private static readonly JsonShape Shape = new(LocalJson.Default.LogLocation);

    public static Verb Declare(Surroundings around)
    {
        Option<int> lines = SharedOptions.Number("--lines", "how many of the last lines", LinesDefault, 1, LinesMax);
        var follow = new Option<bool>("--follow", "-f") { Description = "go on as it grows, until Ctrl-C" };
        return new Verb("logs", "Prints the end of the daemon's log; with --json only where it is.")
        {
            Options = { lines, follow },
            Examples = ["daemon logs", "daemon logs --lines 200 --follow"],
            Prints = Shape,
            RunAsync = async (parsed, cancellationToken) =>
            {
                Terminal terminal = around.Terminal;
                string path = around.Home.LogFile;
                if (!File.Exists(path))
                {
                    return terminal.Fail(LocalProblem.Of(
                        "log_not_found", $"There is no log at {path}: no daemon has run here yet.", 404, ExitCode.NotFound));
                }

                if (terminal.Json is not null)
                    return terminal.Show(new LogLocation(path), Shape, _ => { });

                long end = PrintEnd(terminal, path, parsed.GetValue(lines));
                if (parsed.GetValue(follow))
                    await FollowAsync(around, path, end, cancellationToken);

                return ExitCode.Ok;
            },
        };
    }

    private static long PrintEnd(Terminal terminal, string path, int count)
    {
        using FileStream log = Open(path);
        using var reader = new StreamReader(log);
        Queue<string> last = new(Math.Min(count, LinesDefault));
        while (reader.ReadLine() is { } line)
        {
            if (last.Count == count)
                last.Dequeue();

            last.Enqueue(line);
        }

        foreach (string line in last)
            terminal.WriteLine(PlainText.Line(line));

        return log.Position;
    }

    private static async Task FollowAsync(Surroundings around, string path, long from, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(LookEvery, around.Clock);
        long position = from;
        do
        {
            around.Terminal.Flush();
            position = PrintAfter(around.Terminal, path, position);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private static long PrintAfter(Terminal terminal, string path, long position)
    {
        // Between the renaming of a full log and the beginning of the next there is none.
        if (!File.Exists(path))
            return 0;

        using FileStream log = Open(path);
        // A shorter file is the next one: the log was rotated.
        log.Position = log.Length < position ? 0 : position;
        using var reader = new StreamReader(log);
        while (reader.ReadLine() is { } line)
            terminal.WriteLine(PlainText.Line(line));

        return log.Position;
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}
