using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Claudemesh.Load.Targets;
using Claudemesh.Local;

namespace Claudemesh.Load.Scenarios;

/// <summary>A home folder with a daemon of its own, as a person on this machine has it.</summary>
internal sealed class PersonsHome : IDisposable
{
    private static readonly TimeSpan VerbMax = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("cm-");
    private readonly Dictionary<string, string> environment;
    private readonly string program;

    public PersonsHome(string program)
    {
        this.program = program;
        environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["HOME"] = folder.FullName,
            [DaemonHome.Variable] = Path.Combine(folder.FullName, ".claudemesh"),
            // Nothing of a session that the measurement may be run in.
            ["CLAUDECODE"] = "",
            ["CLAUDE_CODE_SESSION_ID"] = "",
            ["CLAUDE_PROJECT_DIR"] = "",
        };
    }

    public string Folder => folder.FullName;

    /// <summary>What programs of this person find in their environment, beside ours.</summary>
    public IReadOnlyDictionary<string, string> Environment => environment;

    /// <summary>Where the daemon of this home listens.</summary>
    public string Socket => new DaemonHome(environment[DaemonHome.Variable]).Socket;

    /// <summary>The daemon's database.</summary>
    public string Database => new DaemonHome(environment[DaemonHome.Variable]).Database;

    public Command Command(params string[] arguments) => new(program, arguments, environment);

    /// <summary>Runs a verb and gives what it printed.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken).WaitAsync(VerbMax, cancellationToken);
        return process.ExitCode == 0
            ? await output.WaitAsync(VerbMax, cancellationToken)
            : throw new InvalidOperationException($"claudemesh {string.Join(' ', arguments)} ended with {process.ExitCode}: {await errors.WaitAsync(VerbMax, cancellationToken)}");
    }

    /// <summary>This person, alice, makes a workspace, and the other, bob, joins it.</summary>
    public async Task MeetAsync(PersonsHome other, Uri broker, CancellationToken cancellationToken)
    {
        await RunAsync(cancellationToken, "new", "bench", "--broker", broker.OriginalString, "--as", "alice");
        JsonNode invite = JsonNode.Parse(await RunAsync(cancellationToken, "invite", "--json"))!;
        await other.RunAsync(cancellationToken, "join", invite["url"]!.GetValue<string>(), "--as", "bob");
    }

    /// <summary>The daemon of this home; null when none runs.</summary>
    public int? FindDaemon()
    {
        foreach (string entry in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out int process) && IsDaemon(process))
                return process;
        }

        return null;
    }

    public void Dispose()
    {
        if (FindDaemon() is { } daemon)
        {
            using Process process = Process.GetProcessById(daemon);
            process.Kill();
            process.WaitForExit(VerbMax);
        }

        folder.Delete(recursive: true);
    }

    private bool IsDaemon(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm").Trim() == "claudemeshd"
                && File.ReadAllText($"/proc/{process}/environ").Split('\0').Contains($"HOME={folder.FullName}", StringComparer.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It ended just now, or is another user's.
            return false;
        }
    }
}
