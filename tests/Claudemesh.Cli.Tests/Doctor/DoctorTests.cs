using System.Text.RegularExpressions;
using Claudemesh.Cli.Tests.Install;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Doctor;

/// <summary>Each thing that can be wrong has a severity, a sentence, and the command that mends it.</summary>
public sealed partial class DoctorTests : IDisposable
{
    private static readonly DaemonStatus Well = Samples.Daemon with { Workspaces = [Samples.Daemon.Workspaces[0]], Pending = 0 };

    private static readonly Checkup AllWell = new(
        [new("http://127.0.0.1:7900", ["acme"], null, null, "2.0.0", 1, 3, null)], null, 4096, [new("inbox", 3)]);

    private readonly Desk desk = new();
    private readonly string programs;

    public DoctorTests()
    {
        programs = Path.Combine(desk.Folder, "programs");
        Directory.CreateDirectory(programs);
        desk.Self = Path.Combine(programs, "claudemesh");
        WriteProgram("claudemeshd", "2.0.0");
        WriteProgram("claudemesh-mcp", "2.0.0");
        _ = new ScriptedClaude(Path.Combine(desk.Folder, ".local", "bin"));
        Directory.CreateDirectory(desk.Home.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private Workspace[] workspaces = [Samples.Acme];
    private MyAccount[] accounts = [];

    [Fact]
    public async Task A_machine_on_which_all_is_well_is_told_so_with_exit_code_0()
    {
        await using ScriptedDaemon daemon = Scripted(Well, AllWell);
        await desk.TypeAsync("install");

        Seen people = await desk.TypeAsync("doctor");
        Seen json = await desk.TypeAsync("doctor", "--json");

        Assert.Equal((ExitCode.Ok, "", ExitCode.Ok), (people.Code, people.Error, json.Code));
        Golden.Matches("doctor.txt", Still(people.Output));
        Golden.Matches("doctor.json", Still(json.Output));
    }

    [Theory]
    [InlineData(AccountStates.SignedIn, false, "recovery", "claudemesh recovery new")]
    [InlineData(AccountStates.SignedOut, true, "account", "claudemesh login http://127.0.0.1:7900")]
    [InlineData(AccountStates.Locked, true, "account", "export CLAUDEMESH_SECRETS=file && claudemesh login http://127.0.0.1:7900")]
    public async Task What_is_wrong_with_an_account_has_its_mend(string state, bool hasRecovery, string check, string mend)
    {
        accounts = [Samples.Account with { State = state, HasRecovery = hasRecovery, Store = "libsecret" }];
        await using ScriptedDaemon daemon = Scripted(Well, AllWell);
        Seen seen = await desk.TypeAsync("doctor", "--json=check,severity,mend");
        Assert.Contains($"\"check\":\"{check}\"", seen.Output, StringComparison.Ordinal);
        Assert.Contains($"\"mend\":\"{mend}\"", seen.Output, StringComparison.Ordinal);
        Assert.Contains("\"mend\":\"claudemesh daemon install-service\"", seen.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_on_which_much_is_wrong_is_told_with_what_mends_it()
    {
        await using ScriptedDaemon daemon = Scripted(
            Samples.Daemon with
            {
                Workspaces =
                [
                    new("acme", "http://127.0.0.1:7900", ConnectionStates.Open, null, 2, 0),
                    new("other", "https://mesh.example.org", ConnectionStates.Offline, "the certificate is not trusted", 2, 0),
                    new("gone", "http://127.0.0.1:7900", ConnectionStates.Refused, "you were removed", 0, 0),
                ],
            },
            new Checkup(
            [
                new("http://127.0.0.1:7900", ["acme", "gone"], null, null, "1.37.0", 125, 3, "http://proxy:3128"),
                new("https://mesh.example.org", ["other"], BrokerFaults.Authority, "UntrustedRoot", null, null, 12, null),
            ], Desk.Now.AddMinutes(-42), 4096, []),
            new DaemonVersion("1.9.0", "v1", 4711));
        WriteProgram("claudemeshd", "1.9.0");
        File.Delete(Path.Combine(programs, "claudemesh-mcp"));
        await File.WriteAllTextAsync(Path.Combine(desk.Home.Folder, "daemon.db"), "");
        File.SetUnixFileMode(Path.Combine(desk.Home.Folder, "daemon.db"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        await using (FileStream log = File.Create(desk.Home.LogFile, 1, FileOptions.None))
        {
            log.SetLength(30L * 1024 * 1024);
            File.SetUnixFileMode(desk.Home.LogFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        Seen people = await desk.TypeAsync("doctor");
        Seen json = await desk.TypeAsync("doctor", "--json=check,severity,mend");

        // The first error decides: others may reach into the folder.
        Assert.Equal((ExitCode.Denied, "", ExitCode.Denied), (people.Code, people.Error, json.Code));
        Golden.Matches("doctor-sick.txt", Still(people.Output));
        Golden.Matches("doctor-sick.json", Still(json.Output));
    }

    [Theory]
    [InlineData(BrokerFaults.Name, "getent hosts mesh.example.org")]
    [InlineData(BrokerFaults.Connection, "curl -v https://mesh.example.org/health")]
    [InlineData(BrokerFaults.Timeout, "curl -v https://mesh.example.org/health")]
    [InlineData(BrokerFaults.Proxy, "export NO_PROXY=mesh.example.org && claudemesh daemon down && claudemesh daemon up")]
    [InlineData(BrokerFaults.Authority, "export SSL_CERT_FILE=/path/to/your-authority.pem && claudemesh daemon down && claudemesh daemon up")]
    [InlineData(BrokerFaults.Tls, "curl -v https://mesh.example.org/health")]
    [InlineData(BrokerFaults.NoBroker, "curl -v https://mesh.example.org/health")]
    [InlineData(BrokerFaults.Unhealthy, "curl https://mesh.example.org/health")]
    public async Task Each_way_in_which_a_broker_fails_has_its_own_remedy_and_exit_code_4(string fault, string mend)
    {
        await using ScriptedDaemon daemon = Scripted(
            Well, AllWell with { Brokers = [new("https://mesh.example.org", ["acme"], fault, "why", null, null, 1, null)] });

        Seen seen = await desk.TypeAsync("doctor");

        Assert.Equal(ExitCode.Network, seen.Code);
        Assert.Contains($"mend it: {mend}\n", seen.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_that_cannot_start_is_a_finding_and_the_rest_is_looked_at_all_the_same()
    {
        desk.WriteDaemonProgram("echo 'claudemeshd: the disk is full' >&2\nexit 10\n");

        Seen seen = await desk.TypeAsync("doctor");

        Assert.Equal((ExitCode.Io, ""), (seen.Code, seen.Error));
        Assert.Contains("error    daemon     The daemon could not start: claudemeshd: the disk is full\n", seen.Output, StringComparison.Ordinal);
        Assert.Contains("skill", seen.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_that_wait_for_a_broker_that_is_away_are_no_error()
    {
        await using ScriptedDaemon daemon = Scripted(
            Well with { Pending = 1, Workspaces = [Samples.Daemon.Workspaces[1] with { Pending = 1 }] },
            AllWell with { Brokers = [], OldestPending = Desk.Now.AddHours(-1) });

        Seen seen = await desk.TypeAsync("doctor");

        Assert.Contains("warning  outbox     1 wait to be sent, the first of them for 60 minutes; they go when their broker is back.", seen.Output, StringComparison.Ordinal);
    }

    public void Dispose() => desk.Dispose();

    [Fact]
    public async Task A_forked_log_is_an_error_and_a_workspace_that_waits_a_warning()
    {
        workspaces = [Samples.Acme with { Forked = true }, Samples.Acme with { Slug = "other", Waiting = true }];
        await using ScriptedDaemon daemon = Scripted(Well, AllWell);

        Seen seen = await desk.TypeAsync("doctor");

        Assert.Equal(ExitCode.Denied, seen.Code);
        Assert.Contains("The broker shows another log of acme than the one that was signed", seen.Output, StringComparison.Ordinal);
        Assert.Contains("mend it: claudemesh log verify -w acme\n", seen.Output, StringComparison.Ordinal);
        Assert.Contains("You wait to be let into other", seen.Output, StringComparison.Ordinal);
    }

    private ScriptedDaemon Scripted(DaemonStatus status, Checkup checkup, DaemonVersion? version = null) =>
        new ScriptedDaemon(desk.Home, answersVersion: false)
            .Answers("GET", LocalRoutes.Version, version ?? new DaemonVersion("2.0.0", "v1", 4711), LocalJson.Default.DaemonVersion)
            .Answers("GET", LocalRoutes.Status, status, LocalJson.Default.DaemonStatus)
            .Answers("GET", LocalRoutes.Checkup, checkup, LocalJson.Default.Checkup)
            .Answers("GET", LocalRoutes.Workspaces, new WorkspaceList(workspaces), LocalJson.Default.WorkspaceList)
            .Answers("GET", LocalRoutes.Account, new AccountList(accounts), AccountJson.Default.AccountList);

    private void WriteProgram(string name, string version)
    {
        string path = Path.Combine(programs, name);
        File.WriteAllText(path, $"#!/bin/sh\necho {name} {version}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Without what differs from machine to machine.</summary>
    private string Still(string printed) => FreeSpace().Replace(printed.Replace(desk.Folder, "FOLDER", StringComparison.Ordinal), "MANY MB are free");

    [GeneratedRegex("[0-9,]+ MB are free", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex FreeSpace();
}
