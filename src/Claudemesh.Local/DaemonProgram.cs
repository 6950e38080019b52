using System.Collections;
using System.Globalization;
using System.Runtime.Versioning;

namespace Claudemesh.Local;

/// <summary>The daemon's program, and how it is started.</summary>
/// <param name="find">Where it is; it need not exist.</param>
/// <param name="words">What it is started with.</param>
[UnsupportedOSPlatform("windows")]
public sealed class DaemonProgram(Func<string> find, DaemonHome home, params IReadOnlyList<string> words)
{
    public const string Name = "claudemeshd";

    /// <summary>What the daemon says before its own log is open, and when it dies.</summary>
    public string LastWords => Path.Combine(home.DoorsFolder, "daemon.out");

    /// <summary>Whether it is started for one call of this process.</summary>
    public bool IsForOneCall => words.Count > 0;

    /// <summary>The same program, started for one call of this process.</summary>
    /// <param name="doors">A folder that is this call's alone.</param>
    public DaemonProgram ForOneCall(DaemonHome doors) =>
        new(find, doors, "--once", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), "--doors", doors.DoorsFolder);

    public static DaemonProgram BesideThisProcess(DaemonHome home) => new(() => SiblingProgram.Find(Name), home);

    /// <summary>Whether the file on the disk is of that version.</summary>
    public async Task<bool> IsOfAsync(string version, CancellationToken cancellationToken)
    {
        var asked = new ChildProgram(find(), new Dictionary<string, string>(StringComparer.Ordinal));
        return await asked.RunAsync(["--version"], cancellationToken) is { Code: 0 } end && end.Version == version;
    }

    /// <returns>The process; or why there is none.</returns>
    public (int Pid, LocalProblem? Problem) Start()
    {
        string path = find();
        if (!File.Exists(path))
            return (0, Cannot($"{path} is missing. Install {Name} beside claudemesh"));

        if (HomeFolder.Prepare(home) is { } unusable)
            return (0, unusable);

        (int pid, int error) = DetachedProcess.Start(path, words, MakeEnvironment(), home.Folder, LastWords);
        if (error == 0)
            return (pid, null);

        return (0, DiskFault.IsFull(error) ? Full() : Cannot($"{path}: {new System.ComponentModel.Win32Exception(error).Message}"));
    }

    /// <summary>Why a daemon that was started is not there.</summary>
    public LocalProblem TellEnd(int exitCode)
    {
        // On a full disk its last words could not be written either.
        if (exitCode == (int)ExitCode.Io && DiskFault.IsFull(home.Folder))
            return Full();

        string said = File.Exists(LastWords) ? File.ReadLines(LastWords).LastOrDefault(line => !string.IsNullOrWhiteSpace(line)) ?? "" : "";
        string why = said.Length > 0 ? said.Trim() : $"it ended with code {exitCode} and said nothing";
        ExitCode code = Enum.IsDefined((ExitCode)exitCode) && exitCode != 0 ? (ExitCode)exitCode : ExitCode.Internal;
        return LocalProblem.Of(LocalErrors.DaemonUnreachable, $"The daemon could not start: {why}", 503, code);
    }

    /// <summary>Ours without what is a Claude Code session's own: its keys and tokens have no business in a process that outlives it.</summary>
    private Dictionary<string, string> MakeEnvironment()
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal);
        foreach (DictionaryEntry one in Environment.GetEnvironmentVariables())
        {
            if (!IsOfSession((string)one.Key))
                environment[(string)one.Key] = (string?)one.Value ?? "";
        }

        environment[DaemonHome.Variable] = home.Folder;
        return environment;
    }

    private static bool IsOfSession(string variable) =>
        variable is "CLAUDECODE" or "AI_AGENT"
        || variable.StartsWith("CLAUDE_", StringComparison.Ordinal)
        || variable.StartsWith("ANTHROPIC_", StringComparison.Ordinal);

    private LocalProblem Full() => LocalProblem.Of(LocalErrors.DiskFull, $"The daemon could not start. {DiskFault.TellFull(home.Folder)}", 507, ExitCode.Io, retryable: true);

    private static LocalProblem Cannot(string why) =>
        LocalProblem.Of(LocalErrors.DaemonUnreachable, $"The daemon could not be started: {why}.", 503, ExitCode.Io);
}
