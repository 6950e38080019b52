using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Claudemesh.Daemon.Api;
using Claudemesh.Daemon.Sessions;
using Claudemesh.Daemon.Storage;
using Claudemesh.Local;
using Claudemesh.TestKit;

namespace Claudemesh.Daemon.Tests.Sessions;

/// <summary>A session that was given less than its person does what it was given and no more, and does not give itself more.</summary>
public sealed class SessionLimitTests : IAsyncLifetime
{
    private readonly AgentProcess agent = AgentProcess.Start();
    private TestBroker broker = null!;
    private RunningDaemon alice = null!;

    public async ValueTask InitializeAsync()
    {
        broker = await TestBroker.StartAsync();
        alice = await RunningDaemon.StartAsync();
        await Ok.Async(alice.Client.CreateWorkspaceAsync(new CreateWorkspace("Acme", broker.Url.ToString(), "alice"), default));
    }

    public async ValueTask DisposeAsync()
    {
        await alice.DisposeAsync();
        await broker.DisposeAsync();
        agent.Dispose();
    }

    [Fact]
    [Trait("wire", "7.3 #10")]
    public async Task Every_route_takes_from_a_limited_session_what_the_table_says_and_nothing_else()
    {
        await OpenAsync("s1");
        string[] routes = [.. alice.Host.Routes.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        Assert.Contains("POST /v1/send", routes);
        Assert.Contains("POST /v1/shutdown", routes);
        SessionCapabilities[] each = [.. Enum.GetValues<SessionCapabilities>().Where(one => one is not SessionCapabilities.All)];

        foreach (SessionCapabilities left in each)
        {
            await LimitAsync("s1", SessionCapabilityWords.Write(left));
            foreach (string route in routes)
            {
                bool refused = await IsLimitedAsync(route, "s1");
                Assert.True(refused != SessionTable.Allows(route, left), $"{route}, left {left}: {(refused ? "refused" : "let through")}");
            }
        }
    }

    [Fact]
    public void Nothing_but_being_there_is_for_a_session_that_was_left_nothing()
    {
        string[] free = [.. alice.Host.Routes.Where(route => SessionTable.Allows(route, SessionCapabilities.None)).Order(StringComparer.Ordinal)];

        Assert.Equal(
            [
                "DELETE /v1/sessions/{id}", "GET /v1/logs", "GET /v1/self", "GET /v1/sessions", "GET /v1/status", "GET /v1/version", "POST /v1/sessions",
            ],
            free);
    }

    [Fact]
    public async Task It_is_told_what_it_lacks_and_how_its_person_gives_it()
    {
        await OpenAsync("s1");
        await LimitAsync("s1", [SessionWords.Read]);
        LocalClient own = As("s1");

        LocalProblem refused = (await own.SendAsync(new SendMessage("alice", "hello", ToSelf: true), default)).Problem!;

        Assert.Equal((LocalErrors.SessionLimited, 403, (int)ExitCode.Denied), (refused.Error, refused.Status, refused.ExitCode));
        Assert.Contains("it lacks the capability send; it was left read", refused.Detail, StringComparison.Ordinal);
        Assert.Contains("claudemesh session limit s1 --allow", refused.Detail, StringComparison.Ordinal);
        await Ok.Async(own.ListMembersAsync(null, default));
        Assert.Equal(["read"], Assert.Single((await Ok.Async(own.ReadSelfAsync(new WhoAmI(Caller: "s1"), default))).Selves).Allows);
        Assert.Equal(["read"], Assert.Single((await Ok.Async(own.ListSessionsAsync(default))).Sessions).Allows);
        Assert.Null((await Ok.Async(alice.Client.ReadSelfAsync(new WhoAmI(Member: true), default))).Selves[0].Allows);
    }

    [Fact]
    public async Task It_does_not_lift_its_limit_nor_escape_it_by_another_session_or_by_closing_itself()
    {
        await OpenAsync("s1");
        await LimitAsync("s1", [SessionWords.Read, SessionWords.Admin]);
        LocalClient own = As("s1");

        Assert.Equal(LocalErrors.SessionLimited, (await own.LimitSessionAsync(new LimitSession("s1", Lift: true), default)).Problem!.Error);
        await Ok.Async(own.OpenSessionAsync(new OpenSession("s2", "other", "/src", agent.Second), default));
        Assert.Equal(["read", "admin"], (await SessionAsync("s2")).Allows);
        Assert.Equal(LocalErrors.SessionLimited, (await As("s2").SendAsync(new SendMessage("alice", "x", ToSelf: true), default)).Problem!.Error);
        Assert.Equal(LocalErrors.Forbidden, (await own.CloseSessionAsync("s2", default)).Problem!.Error);

        await Ok.Async(own.CloseSessionAsync("s1", default));
        Assert.Equal(LocalErrors.SessionLimited, (await own.SendAsync(new SendMessage("alice", "x", ToSelf: true), default)).Problem!.Error);
        await OpenAsync("s1");
        Assert.Equal(["read", "admin"], (await SessionAsync("s1")).Allows);
    }

    [Fact]
    public async Task What_its_program_was_installed_with_is_all_it_has_until_its_person_says_otherwise()
    {
        await Ok.Async(alice.Client.OpenSessionAsync(new OpenSession("s1", "run", "/src", agent.First, Limit: ["read", "send"]), default));
        Assert.Equal(["read", "send"], (await SessionAsync("s1")).Allows);

        await Ok.Async(alice.Client.OpenSessionAsync(new OpenSession("s1", "run", "/src", agent.First, Limit: ["read", "send", "state"]), default));
        Assert.Equal(["read", "send"], (await SessionAsync("s1")).Allows);
        await Ok.Async(alice.Client.LimitSessionAsync(new LimitSession("run", Deny: ["admin"]), default));
        Assert.Equal(["read", "send", "topics", "state", "self"], (await SessionAsync("s1")).Allows);
        await Ok.Async(alice.Client.LimitSessionAsync(new LimitSession("run", Lift: true), default));
        Assert.Null((await SessionAsync("s1")).Allows);
        await Ok.Async(alice.Client.OpenSessionAsync(new OpenSession("s1", "run", "/src", agent.First, Limit: ["read"]), default));
        Assert.Null((await SessionAsync("s1")).Allows);
        await Ok.Async(As("s1").SendAsync(new SendMessage("alice", "hello", ToSelf: true), default));
    }

    [Fact]
    public async Task A_limit_holds_over_a_restart_of_the_daemon()
    {
        await OpenAsync("s1");
        await LimitAsync("s1", [SessionWords.Read]);

        await alice.RestartAsync();

        Assert.Equal(LocalErrors.SessionLimited, (await As("s1").SendAsync(new SendMessage("alice", "x", ToSelf: true), default)).Problem!.Error);
        await OpenAsync("s1");
        Assert.Equal(["read"], (await SessionAsync("s1")).Allows);
    }

    [Fact]
    public async Task What_its_processes_start_is_limited_whatever_it_says_of_itself()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only there the system says whose child a process is");
        using var home = new TempHome();
        Directory.CreateDirectory(home.Home.Folder);
        await using DaemonDatabase database = DaemonDatabase.Open(home.Home.Database, TimeProvider.System);
        var limits = new SessionLimits(database, TimeProvider.System);
        await limits.OpenedAsync("s1", SessionProcess.Find(agent.First)!.Value, SessionCapabilities.Read, opener: null, default);

        Assert.Equal(SessionCapabilities.Read, limits.FindFor([], agent.First, out _));
        Assert.Equal(SessionCapabilities.Read, limits.FindFor([], agent.Second, out string? whose));
        Assert.Equal("s1", whose);
        Assert.Null(limits.FindFor([], Environment.ProcessId, out _));

        var again = new SessionLimits(database, TimeProvider.System);
        Assert.Equal(SessionCapabilities.Read, again.FindFor([], agent.Second, out _));
        await again.SetAsync("s1", SessionProcess.Find(agent.First)!.Value, SessionCapabilities.All, default);
        Assert.Null(again.FindFor(["s1"], agent.Second, out _));
    }

    [Fact]
    public async Task A_limit_that_is_none_is_refused()
    {
        await OpenAsync("s1");
        foreach (LimitSession wrong in new LimitSession[] { new("s1"), new("s1", Allow: ["fly"]), new("s1", Allow: ["read"], None: true) })
            Assert.Equal(LocalErrors.InvalidRequest, (await alice.Client.LimitSessionAsync(wrong, default)).Problem!.Error);

        Assert.Equal(LocalErrors.SessionNotFound, (await alice.Client.LimitSessionAsync(new LimitSession("nobody", None: true), default)).Problem!.Error);
        Assert.Equal(LocalErrors.InvalidRequest, (await alice.Client.OpenSessionAsync(new OpenSession("s3", "x", "/", agent.First, Limit: ["fly"]), default)).Problem!.Error);
    }

    private LocalClient As(string session) => new(alice.Home.Socket, session);

    private Task<Session> OpenAsync(string id) => Ok.Async(alice.Client.OpenSessionAsync(new OpenSession(id, "run-" + id, "/src", agent.First), default));

    private async Task<Session> SessionAsync(string id) => (await Ok.Async(alice.Client.ListSessionsAsync(default))).Sessions.Single(one => one.SessionId == id);

    private async Task LimitAsync(string id, IReadOnlyList<string> left) =>
        await Ok.Async(alice.Client.LimitSessionAsync(left.Count == 0 ? new LimitSession(id, None: true) : new LimitSession(id, Allow: left), default));

    /// <summary>Asks with the session's header and nothing else that would make sense; whether it is refused for the session's sake.</summary>
    private async Task<bool> IsLimitedAsync(string route, string session)
    {
        (string method, string pattern) = (route.Split(' ')[0], route.Split(' ')[1]);
        string path = pattern.Replace("{id}", "nothing", StringComparison.Ordinal).Replace("{peer}", "nobody", StringComparison.Ordinal);

        // What would end the daemon, or not end itself, is asked so that it does not.
        path += pattern switch
        {
            LocalRoutes.Shutdown => "?pid=1",
            LocalRoutes.Events => "?workspace=nowhere",
            _ => "",
        };
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(alice.Home.Socket));
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{SessionWords.Header}: {session}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"));
        using var reader = new StreamReader(stream);
        return (await reader.ReadToEndAsync()).Contains(LocalErrors.SessionLimited, StringComparison.Ordinal);
    }
}

/// <summary>An agent's process with two children, as it has a server and a shell; none of them a child of this one.</summary>
internal sealed class AgentProcess : IDisposable
{
    private readonly Process process;

    private AgentProcess(Process process, int first, int second) => (this.process, First, Second) = (process, first, second);

    public int First { get; }

    public int Second { get; }

    public static AgentProcess Start()
    {
        Process started = Process.Start(new ProcessStartInfo("sh", ["-c", "sleep 600 & echo $!; sleep 600 & echo $!; wait"]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        return new AgentProcess(started, Read(started), Read(started));
    }

    public void Dispose()
    {
        foreach (int child in new[] { First, Second })
            Process.GetProcessById(child).Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private static int Read(Process started) => int.Parse(started.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
}
