using System.Runtime.Versioning;
using System.Text;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Cli.Output;
using Claudemesh.Local;
using Microsoft.Extensions.Time.Testing;

[assembly: UnsupportedOSPlatform("windows")]

namespace Claudemesh.Cli.Tests;

/// <summary>A person at a terminal, with a home of his own: types a line, sees what comes out.</summary>
internal sealed class Desk : IDisposable
{
    /// <summary>A Tuesday, so that times in golden files stand still.</summary>
    public static readonly DateTimeOffset Now = new(2026, 3, 3, 14, 30, 0, TimeSpan.Zero);

    private readonly string folder = Directory.CreateTempSubdirectory("cm-").FullName;

    public Desk() => Home = new DaemonHome(Path.Combine(folder, "home"));

    public DaemonHome Home { get; }

    public FakeTimeProvider Clock { get; } = new(Now);

    /// <summary>The session whose model types.</summary>
    public string? Session { get; set; }

    /// <summary>Whether a person sits there who sees a question and answers it.</summary>
    public bool HasPerson { get; set; }

    /// <summary>The folder of everything that is his, and where HOME is.</summary>
    public string Folder => folder;

    /// <summary>The environment; nothing else of the machine's is seen.</summary>
    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    /// <summary>Where this program is.</summary>
    public string Self { get; set; } = "/opt/claudemesh/claudemesh";

    /// <summary>What standard input holds.</summary>
    public byte[] Input { get; set; } = [];

    /// <summary>The program that is started when no daemon is there; missing if the test does not write it.</summary>
    public string ProgramPath => Path.Combine(folder, DaemonProgram.Name);

    /// <summary>Puts a script where the daemon's program should be.</summary>
    public void WriteDaemonProgram(string script)
    {
        File.WriteAllText(ProgramPath, "#!/bin/sh\n" + script);
        File.SetUnixFileMode(ProgramPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public Task<Seen> TypeAsync(params string[] words) => TypeAsync(TimeProvider.System, words);

    /// <param name="daemonClock">The clock by which the daemon is waited for; a test that advances nothing takes the real one.</param>
    public Task<Seen> TypeAsync(TimeProvider daemonClock, params string[] words) => TypeAsync(daemonClock, words, CancellationToken.None);

    /// <summary>Until he interrupts it.</summary>
    public Task<Seen> TypeAsync(CancellationToken interrupted, params string[] words) => TypeAsync(TimeProvider.System, words, interrupted);

    private async Task<Seen> TypeAsync(TimeProvider daemonClock, string[] words, CancellationToken interrupted)
    {
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        var terminal = new Terminal(output, error, () => new MemoryStream(Input), isInteractive: false, hasColour: false, HasPerson);
        var door = new DaemonDoor(Home, new DaemonProgram(() => ProgramPath, Home), daemonClock);
        ExitCode code = await new Interpreter(Surround(terminal, door)).RunAsync(words, interrupted);
        return new Seen(Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()), code);
    }

    /// <summary>For tests that look at the verbs and run none.</summary>
    public Surroundings Around() => Surround(
        new Terminal(Stream.Null, Stream.Null, () => Stream.Null, isInteractive: false, hasColour: false),
        new DaemonDoor(Home, new DaemonProgram(() => ProgramPath, Home), Clock));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private Surroundings Surround(Terminal terminal, DaemonDoor door) => new(terminal, door, Home, Clock, Session)
    {
        Variable = name => Variables.TryGetValue(name, out string? value) ? value : name is "HOME" ? folder : null,
        Self = Self,
    };
}

/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record Seen(string Output, string Error, ExitCode Code);
