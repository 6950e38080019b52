using System.Text;
using System.Text.Json;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Account;

/// <summary>What the verbs of the account print and ask, with a daemon that answers as it is told.</summary>
public sealed class AccountVerbTests : IDisposable
{
    private static readonly LoggedIn Done = new(Samples.Account, ["old: its key is on another machine."]);

    private static readonly LoginPrompt Prompt = new(
        "http://127.0.0.1:7900/device?code=ABCD-EFGH#1.secret", "http://127.0.0.1:7900/device", "ABCD-EFGH", "6CSK6CSK6CSK6CSK6CSK6CSK6C", Desk.Now.AddMinutes(10), Listens: true);

    private readonly Desk desk = new();

    [Fact]
    public async Task A_login_shows_the_link_the_code_and_the_pairing_secret_and_ends_with_who_one_is()
    {
        await using ScriptedDaemon daemon = Streaming(
            (LoginSteps.Prompt, JsonSerializer.Serialize(Prompt, AccountJson.Default.LoginPrompt)), (LoginSteps.Done, JsonSerializer.Serialize(Done, AccountJson.Default.LoggedIn)));
        Seen seen = await desk.TypeAsync("login", "http://127.0.0.1:7900", "--no-service");
        Assert.Equal((ExitCode.Ok, ""), (seen.Code, seen.Error));
        Golden.Matches("login.txt", seen.Output);
    }

    [Fact]
    public async Task A_login_for_programs_prints_the_last_record_and_tells_its_person_beside_it()
    {
        await using ScriptedDaemon daemon = Streaming(
            (LoginSteps.Prompt, JsonSerializer.Serialize(Prompt, AccountJson.Default.LoginPrompt)), (LoginSteps.Done, JsonSerializer.Serialize(Done, AccountJson.Default.LoggedIn)));
        Seen seen = await desk.TypeAsync("login", "--no-service", "--json");
        Assert.Equal(ExitCode.Ok, seen.Code);
        Assert.Contains("ABCD-EFGH", seen.Error, StringComparison.Ordinal);
        Golden.Matches("login.json", seen.Output);
    }

    [Theory]
    [InlineData(LocalErrors.LoginDenied, ExitCode.Denied)]
    [InlineData(LocalErrors.LoginExpired, ExitCode.Cancelled)]
    [InlineData(LocalErrors.NoAccounts, ExitCode.NotFound)]
    [InlineData(LocalErrors.BrokerUnreachable, ExitCode.Network)]
    [InlineData(LocalErrors.NotApproved, ExitCode.Denied)]
    public async Task A_login_that_fails_is_one_line_and_its_own_code(string error, ExitCode code)
    {
        LocalProblem problem = LocalProblem.Of(error, "It was not to be.", 403, code);
        await using ScriptedDaemon daemon = Streaming((LoginSteps.Problem, JsonSerializer.Serialize(problem, AccountJson.Default.LocalProblem)));
        Seen seen = await desk.TypeAsync("login");
        Assert.Equal((code, "", "claudemesh: It was not to be.\n"), (seen.Code, seen.Output, seen.Error));
    }

    [Fact]
    public void No_browser_is_opened_over_ssh()
    {
        WriteProgram("xdg-open", "exit 0");
        desk.Variables["SSH_CONNECTION"] = "192.0.2.1 1 192.0.2.2 22";
        desk.Variables["DISPLAY"] = ":0";
        Assert.False(Cli.Account.Browser.TryOpen(desk.Around(), "http://127.0.0.1/"));

        desk.Variables.Remove("SSH_CONNECTION");
        Assert.Equal(OperatingSystem.IsLinux(), Cli.Account.Browser.TryOpen(desk.Around(), "http://127.0.0.1/"));
    }

    [Fact]
    public async Task A_password_login_asks_for_the_second_factor_only_when_it_is_needed()
    {
        desk.HasPerson = true;
        desk.Input = "alice\na long password of hers\n123456\n"u8.ToArray();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Refuses("POST", LocalRoutes.LoginByPassword, LocalProblem.Of(LocalErrors.SecondFactorNeeded, "A code is needed.", 401, ExitCode.Auth))
            .Answers("POST", LocalRoutes.LoginByPassword, Done, AccountJson.Default.LoggedIn);
        Seen seen = await desk.TypeAsync("login", "--password", "--no-service");
        Assert.Equal(ExitCode.Ok, seen.Code);
        string[] bodies = [.. daemon.Requests.Where(request => request.Line.Contains(LocalRoutes.LoginByPassword, StringComparison.Ordinal)).Select(request => request.Body)];
        Assert.Equal(2, bodies.Length);
        Assert.Contains("\"code\":null", bodies[0], StringComparison.Ordinal);
        Assert.Contains("\"code\":\"123456\"", bodies[1], StringComparison.Ordinal);
        Assert.DoesNotContain("password", seen.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_comes_by_its_variable_or_by_standard_input_and_never_by_an_argument()
    {
        desk.Input = "cmp_fromstdin\n"u8.ToArray();
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("POST", LocalRoutes.LoginByToken, new LoggedIn(Samples.Account with { Kind = AccountKinds.Token, Device = null, DeviceName = null, Key = null }, []), AccountJson.Default.LoggedIn);
        Seen seen = await desk.TypeAsync("login", "--token");
        Assert.Equal(ExitCode.Ok, seen.Code);
        Assert.Contains("without keys", seen.Output, StringComparison.Ordinal);
        desk.Variables["CLAUDEMESH_TOKEN"] = "cmp_fromvariable";
        await desk.TypeAsync("login", "--token");
        string[] bodies = [.. daemon.Requests.Where(request => request.Body.Contains("cmp_", StringComparison.Ordinal)).Select(request => request.Body)];
        Assert.Contains("cmp_fromstdin", bodies[0], StringComparison.Ordinal);
        Assert.Contains("cmp_fromvariable", bodies[1], StringComparison.Ordinal);
        Assert.Equal(ExitCode.BadArguments, (await desk.TypeAsync("login", "--token", "cmp_argument", "extra")).Code);
    }

    [Fact]
    public async Task Who_one_is_prints_what_its_golden_file_says()
    {
        var accounts = new AccountList([Samples.Account, Samples.Account with { Broker = "https://mesh.example.org", State = AccountStates.SignedOut, Stale = "Nobody answers there.", Workspaces = [] }]);
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers("GET", LocalRoutes.Account, accounts, AccountJson.Default.AccountList);
        Golden.Matches("whoami.txt", (await desk.TypeAsync("whoami")).Output);
        Golden.Matches("whoami.json", (await desk.TypeAsync("whoami", "--json")).Output);
    }

    [Fact]
    public async Task Devices_print_what_their_golden_file_says_and_one_that_nobody_let_in_stands_out()
    {
        var devices = new DeviceList(
            "http://127.0.0.1:7900",
            [
                new Device(Samples.AliceKey, "desk", "device", Desk.Now.AddDays(-3), null, Desk.Now.AddMinutes(-1), Current: true, Proven: true),
                new Device(Samples.BobKey, "stranger", "browser", Desk.Now.AddHours(-1), Samples.BobKey, null, Current: false, Proven: false),
            ]);
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home).Answers("GET", LocalRoutes.Devices, devices, AccountJson.Default.DeviceList);
        Golden.Matches("device-list.txt", (await desk.TypeAsync("device", "list")).Output);
        Golden.Matches("device-list.json", (await desk.TypeAsync("device", "list", "--json")).Output);
    }

    [Theory]
    [InlineData("phone\n", true)]
    [InlineData("phne\n", false)]
    public async Task A_remote_machine_is_let_in_only_when_its_name_is_typed(string typed, bool approved)
    {
        desk.HasPerson = true;
        desk.Input = Encoding.UTF8.GetBytes("6CSK6CSK6CSK6CSK6CSK6CSK6C\n" + typed);
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("POST", LocalRoutes.DeviceRequest, new DeviceRequest("http://127.0.0.1:7900", "ABCD-EFGH", Samples.BobKey, "phone", "linux-x64", "192.0.2.7", false, Desk.Now, Desk.Now.AddMinutes(9)), AccountJson.Default.DeviceRequest)
            .Answers("POST", LocalRoutes.DeviceApprove, new DeviceDecision("http://127.0.0.1:7900", "phone", Samples.BobKey, true), AccountJson.Default.DeviceDecision);
        Seen seen = await desk.TypeAsync("device", "approve", "ABCD-EFGH");
        Assert.Equal(approved ? ExitCode.Ok : ExitCode.Cancelled, seen.Code);
        Assert.Contains("will become you", seen.Output, StringComparison.Ordinal);
        Assert.Equal(approved, daemon.Requests.Any(request => request.Line.Contains(LocalRoutes.DeviceApprove, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_recovery_key_counts_only_when_a_part_of_it_was_typed_back()
    {
        desk.HasPerson = true;
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("POST", LocalRoutes.RecoveryMake, new MadeRecovery("http://127.0.0.1:7900", "000G-40R4-0M30-E209-185G-R38E-1W81-24GK-WYQB"), AccountJson.Default.MadeRecovery)
            .Answers("POST", LocalRoutes.RecoveryKeep, new KeptRecovery("http://127.0.0.1:7900", Replaced: true), AccountJson.Default.KeptRecovery);
        desk.Input = "0M30\n"u8.ToArray();
        Assert.Equal(ExitCode.Cancelled, (await desk.TypeAsync("recovery", "new")).Code);
        Assert.DoesNotContain(daemon.Requests, request => request.Line.Contains(LocalRoutes.RecoveryKeep + " ", StringComparison.Ordinal));

        desk.Input = "e209\n"u8.ToArray();
        Seen kept = await desk.TypeAsync("recovery", "new");
        Assert.Equal(ExitCode.Ok, kept.Code);
        Assert.Contains("the one before does not any more", kept.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lose everything\n", ExitCode.Ok)]
    [InlineData("yes\n", ExitCode.Cancelled)]
    public async Task What_would_lose_everything_is_said_in_words_and_needs_more_than_a_yes(string typed, ExitCode code)
    {
        desk.HasPerson = true;
        desk.Input = Encoding.UTF8.GetBytes(typed);
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Refuses("POST", LocalRoutes.Logout, LocalProblem.Of(LocalErrors.LastWayIn, "This machine is the last that opens this account.", 409, ExitCode.Denied))
            .Answers("POST", LocalRoutes.Logout, new LoggedOut("http://127.0.0.1:7900", "alice", true, false, ["acme"]), AccountJson.Default.LoggedOut);
        Seen seen = await desk.TypeAsync("logout");
        Assert.Equal(code, seen.Code);
        Assert.Contains("the last that opens this account", seen.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_says_what_is_open_about_the_account()
    {
        await using ScriptedDaemon daemon = new ScriptedDaemon(desk.Home)
            .Answers("GET", LocalRoutes.Status, Samples.Daemon with { Hints = [Samples.Account.FindHint()!] }, LocalJson.Default.DaemonStatus);
        Assert.Contains("claudemesh recovery new", (await desk.TypeAsync("status")).Output, StringComparison.Ordinal);
    }

    public void Dispose() => desk.Dispose();

    private ScriptedDaemon Streaming(params (string Kind, string Data)[] steps)
    {
        byte[] body = Encoding.UTF8.GetBytes(string.Concat(steps.Select(step => $"event: {step.Kind}\ndata: {step.Data}\n\n")));
        byte[] head = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {body.Length}\r\n\r\n");
        return new ScriptedDaemon(desk.Home).AnswersRaw("POST", LocalRoutes.Login, [.. head, .. body]);
    }

    private void WriteProgram(string name, string script)
    {
        string folder = Path.Combine(desk.Folder, "bin");
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        desk.Variables["PATH"] = folder;
    }
}
