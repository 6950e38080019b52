using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Daemon;

/// <summary>A verb that needs the daemon starts it, waits for its answer, and says in one line when it cannot.</summary>
public sealed class DaemonStartTests
{
    // Tells the test that it runs, and stays until it is killed.
    private const string Staying = "cd .; echo $$ > pid.new; ps -o sid= -p $$ > sid; pwd > folder; echo \"$CLAUDEMESH_HOME\" > home; env > environment; mv pid.new pid; exec sleep 600\n";

    [Fact]
    [Trait("cli", "7 daemon: a probe that gives up too early")]
    public async Task A_verb_starts_the_daemon_that_is_not_there_and_waits_until_it_answers()
    {
        using var desk = new Desk();
        desk.WriteDaemonProgram(Staying);
        Task<Seen> typing = desk.TypeAsync("list");

        int pid = await StartedAsync(desk);
        try
        {
            await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers("GET", LocalRoutes.Workspaces, new WorkspaceList([]), LocalJson.Default.WorkspaceList);
            Assert.Equal(ExitCode.Ok, (await typing).Code);
        }
        finally
        {
            Kill(pid);
        }
    }

    [Fact]
    [Trait("cli", "7 daemon: a start in the foreground")]
    public async Task The_daemon_has_a_session_and_a_folder_of_its_own_and_knows_its_home()
    {
        using var desk = new Desk();
        desk.WriteDaemonProgram(Staying);
        Task<Seen> typing = desk.TypeAsync("daemon", "up", "--json=running,started");

        int pid = await StartedAsync(desk);
        try
        {
            await using var daemon = new ScriptedDaemon(desk.Home);
            Seen seen = await typing;

            Assert.Equal(ExitCode.Ok, seen.Code);
            Assert.Equal(pid, int.Parse(File.ReadAllText(Path.Combine(desk.Home.Folder, "sid")), System.Globalization.NumberStyles.AllowLeadingWhite | System.Globalization.NumberStyles.AllowTrailingWhite, System.Globalization.CultureInfo.InvariantCulture));
            Assert.Equal(desk.Home.Folder + "\n", File.ReadAllText(Path.Combine(desk.Home.Folder, "folder")));
            Assert.Equal(desk.Home.Folder + "\n", File.ReadAllText(Path.Combine(desk.Home.Folder, "home")));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(desk.Home.Folder));
        }
        finally
        {
            Kill(pid);
        }
    }

    [Fact]
    public async Task The_daemon_does_not_inherit_the_keys_and_tokens_of_the_session_that_started_it()
    {
        string[] ofSession = ["CLAUDE_CODE_MESSAGING_TOKEN", "ANTHROPIC_API_KEY"];
        using var desk = new Desk();
        desk.WriteDaemonProgram(Staying);
        foreach (string variable in ofSession)
            Environment.SetEnvironmentVariable(variable, "a secret of the session");
        Task<Seen> typing = desk.TypeAsync("daemon", "up");

        int pid = await StartedAsync(desk);
        try
        {
            await using var daemon = new ScriptedDaemon(desk.Home);
            await typing;

            string inherited = await File.ReadAllTextAsync(Path.Combine(desk.Home.Folder, "environment"));
            Assert.Contains("PATH=", inherited, StringComparison.Ordinal);
            Assert.DoesNotContain("a secret of the session", inherited, StringComparison.Ordinal);
        }
        finally
        {
            Kill(pid);
            foreach (string variable in ofSession)
                Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Fact]
    [Trait("cli", "7 daemon: a start that is tried for ever")]
    public async Task A_daemon_that_cannot_start_says_why_and_gives_its_exit_code()
    {
        using var desk = new Desk();
        desk.WriteDaemonProgram("echo starting\necho 'claudemeshd: the disk is full' >&2\nexit 10\n");

        Seen seen = await desk.TypeAsync("peers");

        Assert.Equal((ExitCode.Io, "claudemesh: The daemon could not start: claudemeshd: the disk is full\n"), (seen.Code, seen.Error));
    }

    [Fact]
    public async Task A_daemon_that_is_killed_at_its_start_is_told_with_how_it_ended()
    {
        using var desk = new Desk();
        desk.WriteDaemonProgram("kill -9 $$\n");

        Seen seen = await desk.TypeAsync("peers");

        Assert.Equal((ExitCode.Internal, "claudemesh: The daemon could not start: it ended with code 137 and said nothing\n"), (seen.Code, seen.Error));
    }

    [Fact]
    public async Task A_missing_program_is_told_with_where_it_should_be()
    {
        using var desk = new Desk();

        Seen seen = await desk.TypeAsync("peers");

        Assert.Equal(ExitCode.Io, seen.Code);
        Assert.Contains($"{desk.ProgramPath} is missing. Install claudemeshd beside claudemesh.", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_home_that_cannot_be_made_is_told_with_its_name()
    {
        using var desk = new Desk();
        desk.WriteDaemonProgram(Staying);
        await File.WriteAllTextAsync(desk.Home.Folder, "a file where the folder should be");

        Seen seen = await desk.TypeAsync("peers");

        Assert.Equal(ExitCode.Io, seen.Code);
        Assert.Contains($"{desk.Home.Folder} cannot be written", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("cli", "7 daemon: two starters at once")]
    public async Task Two_verbs_at_once_are_served_by_the_one_daemon_that_took_the_lock()
    {
        using var desk = new Desk();
        // What the real one does when another holds the lock.
        desk.WriteDaemonProgram("touch refused\nexit 6\n");
        Task<Seen> typing = desk.TypeAsync("list");
        await EventuallyAsync("the second daemon has given up", () => File.Exists(Path.Combine(desk.Home.Folder, "refused")));

        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers("GET", LocalRoutes.Workspaces, new WorkspaceList([]), LocalJson.Default.WorkspaceList);

        Assert.Equal(ExitCode.Ok, (await typing).Code);
    }

    [Fact]
    public async Task Asking_how_the_daemon_is_does_not_start_it()
    {
        using var desk = new Desk();
        desk.WriteDaemonProgram(Staying);

        Seen status = await desk.TypeAsync("daemon", "status");
        Seen down = await desk.TypeAsync("daemon", "down");
        Seen logs = await desk.TypeAsync("daemon", "logs");

        Assert.Equal((ExitCode.Network, ExitCode.Ok, ExitCode.NotFound), (status.Code, down.Code, logs.Code));
        Assert.Equal("No daemon is running.\n", down.Output);
        Assert.False(Directory.Exists(desk.Home.Folder));
    }

    [Fact]
    public async Task Stopping_the_daemon_returns_when_nobody_answers_any_more()
    {
        using var desk = new Desk();
        var daemon = new ScriptedDaemon(desk.Home).Answers("POST", LocalRoutes.Shutdown, new Stopping(4711), LocalJson.Default.Stopping);
        Task<Seen> typing = desk.TypeAsync("daemon", "down", "--json");
        await EventuallyAsync("it was asked whether it is still there", () => daemon.Requests.Count >= 3);
        Assert.False(typing.IsCompleted);

        await daemon.DisposeAsync();

        Assert.Equal(new Seen("""{"schema_version":"1.0","stopped":true,"pid":4711}""" + "\n", "", ExitCode.Ok), await typing);
    }

    [Fact]
    public async Task The_log_shows_its_last_lines()
    {
        using var desk = new Desk();
        Directory.CreateDirectory(desk.Home.Folder);
        await File.WriteAllLinesAsync(desk.Home.LogFile, Enumerable.Range(1, 100).Select(number => $"line {number}"));

        Seen seen = await desk.TypeAsync("daemon", "logs", "--lines", "2");
        Seen json = await desk.TypeAsync("daemon", "logs", "--json");

        Assert.Equal("line 99\nline 100\n", seen.Output);
        Assert.Equal($$"""{"schema_version":"1.0","path":"{{desk.Home.LogFile}}"}""" + "\n", json.Output);
    }

    private static async Task<int> StartedAsync(Desk desk)
    {
        string file = Path.Combine(desk.Home.Folder, "pid");
        await EventuallyAsync("the daemon's program runs", () => File.Exists(file));
        return int.Parse(await File.ReadAllTextAsync(file), System.Globalization.NumberStyles.AllowTrailingWhite, System.Globalization.CultureInfo.InvariantCulture);
    }

    private static async Task EventuallyAsync(string what, Func<bool> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!isSo())
        {
            Assert.False(patience.IsCancellationRequested, $"Waited in vain: {what}.");
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static void Kill(int pid)
    {
        using var process = System.Diagnostics.Process.GetProcessById(pid);
        process.Kill();
    }
}
