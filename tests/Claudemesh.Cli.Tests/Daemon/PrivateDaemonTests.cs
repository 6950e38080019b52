using System.Diagnostics;
using System.Globalization;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Daemon;

/// <summary>With <c>--no-daemon</c> a verb has a daemon of its own, at a door of its own, and leaves nothing behind.</summary>
public sealed class PrivateDaemonTests : IDisposable
{
    private readonly Desk desk = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_is_told_whose_call_it_lives_for_and_where_its_door_is(bool byFlag)
    {
        desk.WriteDaemonProgram("printf '%s\\n' \"$@\" > words\nls -ld \"$4\" >> words\necho 'claudemeshd: no' >&2\nexit 10\n");
        if (!byFlag)
            desk.Variables["CLAUDEMESH_NO_DAEMON"] = "1";

        Seen seen = await desk.TypeAsync(byFlag ? ["list", "--no-daemon"] : ["list"]);

        Assert.Equal((ExitCode.Io, "claudemesh: The daemon could not start: claudemeshd: no\n"), (seen.Code, seen.Error));
        string[] words = await File.ReadAllLinesAsync(Path.Combine(desk.Home.Folder, "words"));
        Assert.Equal(["--once", Environment.ProcessId.ToString(CultureInfo.InvariantCulture), "--doors"], words[..3]);
        Assert.StartsWith("drwx------", words[4], StringComparison.Ordinal);
        Assert.False(Directory.Exists(words[3]));
        Assert.False(File.Exists(desk.Home.Socket));
    }

    [Fact]
    public async Task A_daemon_that_serves_everybody_is_told_and_not_disturbed()
    {
        desk.WriteDaemonProgram("exit 6\n");
        await using var daemon = new ScriptedDaemon(desk.Home);

        Seen seen = await desk.TypeAsync("list", "--no-daemon");

        Assert.Equal(ExitCode.Exists, seen.Code);
        Assert.Equal(
            $"claudemesh: A daemon is running in {desk.Home.Folder} already (process {Environment.ProcessId}), and there is only one at a time: leave out --no-daemon, or stop it with claudemesh daemon down.\n",
            seen.Error);
        Assert.All(daemon.Requests, request => Assert.StartsWith("GET /v1/version ", request.Line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_call_of_this_kind_is_waited_for()
    {
        // Twice the lock is held; then this one has it, and says so by its end.
        desk.WriteDaemonProgram("echo >> tries\n[ $(wc -l < tries) -lt 3 ] && exit 6\necho 'claudemeshd: mine now' >&2\nexit 10\n");

        Seen seen = await desk.TypeAsync("list", "--no-daemon");

        Assert.Equal("claudemesh: The daemon could not start: claudemeshd: mine now\n", seen.Error);
    }

    [Theory]
    [InlineData("daemon up --no-daemon")]
    [InlineData("daemon status --no-daemon")]
    public async Task Verbs_about_the_daemon_do_not_take_it(string line)
    {
        Seen seen = await desk.TypeAsync(line.Split(' '));

        Assert.Equal(ExitCode.BadArguments, seen.Code);
        Assert.Contains("is about the daemon that serves everybody: leave out --no-daemon, and CLAUDEMESH_NO_DAEMON.", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verb_that_needs_no_daemon_starts_none()
    {
        desk.WriteDaemonProgram("touch started\n");

        Assert.Equal(ExitCode.Ok, (await desk.TypeAsync("version", "--no-daemon")).Code);
        Assert.False(Directory.Exists(desk.Home.Folder));
    }

    [Fact]
    [Trait("cli", "7 daemon: a folder of a call that is left")]
    [Trait("cli", "7 claude's files: a sweep that takes what is in use")]
    public async Task What_a_killed_call_has_left_is_taken_away_by_the_next_and_what_is_in_use_stays()
    {
        using Process ended = Process.Start("true");
        await ended.WaitForExitAsync();
        string left = Directory.CreateTempSubdirectory($"cm-call-{ended.Id}-").FullName;
        await File.WriteAllTextAsync(Path.Combine(left, "daemon.sock"), "");
        DirectoryInfo inUse = Directory.CreateTempSubdirectory($"cm-call-{Environment.ProcessId}-");
        desk.WriteDaemonProgram("exit 10\n");
        try
        {
            await desk.TypeAsync("list", "--no-daemon");

            Assert.False(Directory.Exists(left));
            Assert.True(Directory.Exists(inUse.FullName));
        }
        finally
        {
            inUse.Delete();
        }
    }

    public void Dispose() => desk.Dispose();
}
