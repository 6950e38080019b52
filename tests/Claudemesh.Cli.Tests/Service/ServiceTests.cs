using Claudemesh.Cli.Service;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Service;

/// <summary>The daemon as a service of its person, with a service manager that writes down what it is asked.</summary>
public sealed class ServiceTests : IDisposable
{
    private readonly Desk desk = new();
    private readonly string asked;

    public ServiceTests()
    {
        asked = Path.Combine(desk.Folder, "asked");
        desk.Self = Path.Combine(desk.Folder, "opt dir", "claudemesh");
        desk.Variables["PATH"] = Path.Combine(desk.Folder, "bin");
        WriteProgram("loginctl", "echo no");
    }

    [Fact]
    public async Task A_service_is_written_enabled_and_started_and_its_person_is_told_of_lingering()
    {
        WriteProgram("systemctl", $"echo \"$@\" >> '{asked}'");
        await using ScriptedDaemon daemon = Dying();
        Seen seen = await desk.TypeAsync("daemon", "install-service");
        Assert.True(seen.Code is ExitCode.Ok, seen.Error);
        Assert.Equal(
            ["--user show-environment", "--user daemon-reload", "--user enable claudemesh.service", "--user restart claudemesh.service"],
            await File.ReadAllLinesAsync(asked));
        Assert.Contains("loginctl enable-linger", seen.Output, StringComparison.Ordinal);
        string unit = await File.ReadAllTextAsync(Unit);
        Assert.Contains($"ExecStart=\"{Path.Combine(desk.Folder, "opt dir", "claudemeshd")}\" --home \"{desk.Home.Folder}\"", unit, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("cli", "7 daemon: a unit of the system that does not start")]
    public async Task A_unit_that_the_system_does_not_take_is_told_and_not_called_installed()
    {
        WriteProgram("systemctl", "case \"$2\" in restart) echo 'Job failed'; exit 1;; esac");
        await using ScriptedDaemon daemon = Dying();
        Seen seen = await desk.TypeAsync("daemon", "install-service");
        Assert.Equal((ExitCode.Internal, ""), (seen.Code, seen.Output));
        Assert.Contains("restart claudemesh.service: Job failed", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_without_a_service_manager_is_told_so_and_nothing_is_written()
    {
        WriteProgram("systemctl", "echo 'Failed to connect to bus'; exit 1");
        Seen seen = await desk.TypeAsync("daemon", "install-service");
        Assert.Equal(ExitCode.NotFound, seen.Code);
        Assert.Contains("Failed to connect to bus", seen.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Unit));
    }

    [Fact]
    public async Task A_service_is_taken_back_whether_or_not_there_is_one()
    {
        Assert.Equal(ExitCode.Ok, (await desk.TypeAsync("daemon", "uninstall-service")).Code);
        WriteProgram("systemctl", $"echo \"$@\" >> '{asked}'");
        Directory.CreateDirectory(Path.GetDirectoryName(Unit)!);
        await File.WriteAllTextAsync(Unit, "[Unit]\n");
        Assert.Equal(ExitCode.Ok, (await desk.TypeAsync("daemon", "uninstall-service")).Code);
        Assert.False(File.Exists(Unit));
        Assert.Equal(["--user disable --now claudemesh.service", "--user daemon-reload"], await File.ReadAllLinesAsync(asked));
    }

    /// <summary>The system's own judge of units, where it is there.</summary>
    [Fact]
    [Trait("cli", "7 daemon: a unit of the system that does not start")]
    public async Task The_system_finds_no_fault_with_the_unit_whatever_the_folders_are_called()
    {
        string? judge = new[] { "/usr/bin/systemd-analyze", "/bin/systemd-analyze" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(judge is null, "There is no systemd-analyze on this machine.");
        string folder = Path.Combine(desk.Folder, "a $HOME 100% folder");
        string program = Path.Combine(folder, "claudemeshd");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(program, "#!/bin/sh\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        string unit = Path.Combine(desk.Folder, ServiceUnit.SystemdName);
        await File.WriteAllTextAsync(unit, ServiceUnit.Systemd(program, Path.Combine(folder, "ho\"me")));
        ChildEnd verdict = await new ChildProgram(judge!, new Dictionary<string, string>(StringComparer.Ordinal) { ["XDG_RUNTIME_DIR"] = desk.Folder })
            .RunAsync(["--user", "verify", unit], CancellationToken.None);
        Assert.DoesNotContain(ServiceUnit.SystemdName, verdict.Said, StringComparison.Ordinal);
        Assert.True(verdict.Code is 0, verdict.Said);
    }

    [Fact]
    public void A_launchd_agent_names_its_program_and_is_started_again_only_after_a_failure()
    {
        string text = ServiceUnit.Launchd("/opt/R&D/claudemeshd", "/Users/alice/.mesh");
        System.Xml.Linq.XElement plist = System.Xml.Linq.XDocument.Parse(text).Root!.Element("dict")!;
        Assert.Equal(["/opt/R&D/claudemeshd", "--home", "/Users/alice/.mesh"], plist.Element("array")!.Elements("string").Select(word => word.Value));
        Assert.Equal("SuccessfulExit", plist.Element("dict")!.Element("key")!.Value);
    }

    public void Dispose() => desk.Dispose();

    private string Unit => Path.Combine(desk.Folder, ".config", "systemd", "user", "claudemesh.service");

    /// <summary>A daemon that a verb has started: it goes when it is asked to, and the system's own answers after it.</summary>
    private ScriptedDaemon Dying() => new ScriptedDaemon(desk.Home, answersVersion: false)
        .AnswersRaw("GET", LocalRoutes.Version, VersionAnswer(1))
        .AnswersRaw("GET", LocalRoutes.Version, [])
        .AnswersRaw("GET", LocalRoutes.Version, VersionAnswer(2))
        .Answers("POST", LocalRoutes.Shutdown, new Stopping(1), SessionJson.Default.Stopping);

    private static byte[] VersionAnswer(int pid)
    {
        byte[] body = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new DaemonVersion("2.0.0", "v1", pid), LocalJson.Default.DaemonVersion);
        return [.. System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n"), .. body];
    }

    private void WriteProgram(string name, string script)
    {
        string folder = Path.Combine(desk.Folder, "bin");
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
