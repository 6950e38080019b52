using System.Net;
using System.Net.Sockets;
using Claudemesh.Daemon.Checkups;
using Claudemesh.Local;
using Microsoft.Extensions.Time.Testing;

namespace Claudemesh.Daemon.Tests.Checkups;

/// <summary>The ways in which a broker cannot be used are told apart, because each has another remedy.</summary>
public sealed class BrokerExaminationTests
{
    private const string Healthy = """{"status":"ok","db":"up","version":"2.0.0","uptime":5}""";

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 3, 14, 30, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_broker_that_is_well_tells_its_version_and_its_time()
    {
        await using CannedServer server = CannedServer.Saying("200 OK", Healthy, clock.GetUtcNow());

        BrokerCheck check = await ExamineAsync(server.Address);

        Assert.Equal((null, "2.0.0", 0L), (check.Fault, check.Version, check.ClockSkewSeconds));
        Assert.Equal(["acme", "other"], check.Workspaces);
    }

    [Theory]
    [InlineData(120)]
    [InlineData(-120)]
    public async Task A_clock_that_goes_wrong_is_told_with_its_direction(int seconds)
    {
        await using CannedServer server = CannedServer.Saying("200 OK", Healthy, clock.GetUtcNow().AddSeconds(seconds));

        Assert.Equal(seconds, (await ExamineAsync(server.Address)).ClockSkewSeconds);
    }

    [Fact]
    public async Task A_broker_without_its_database_is_unhealthy()
    {
        await using CannedServer server = CannedServer.Saying("200 OK", Healthy.Replace("up\"", "down\"", StringComparison.Ordinal));

        BrokerCheck check = await ExamineAsync(server.Address);

        Assert.Equal((BrokerFaults.Unhealthy, "2.0.0"), (check.Fault, check.Version));
    }

    [Theory]
    [InlineData("200 OK", "<html>a printer</html>")]
    [InlineData("404 Not Found", "[]")]
    [InlineData("200 OK", """{"status":"ok"}""")]
    [InlineData("200 OK", """{"status":1,"version":{}}""")]
    public async Task What_does_not_answer_like_a_broker_is_none(string status, string body)
    {
        await using CannedServer server = CannedServer.Saying(status, body);

        Assert.Equal(BrokerFaults.NoBroker, (await ExamineAsync(server.Address)).Fault);
    }

    [Fact]
    public async Task Where_nobody_listens_the_connection_is_at_fault()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();

        Assert.Equal(BrokerFaults.Connection, (await ExamineAsync($"http://127.0.0.1:{port}")).Fault);
    }

    [Fact]
    public async Task A_name_that_nobody_knows_is_at_fault_by_itself() =>
        Assert.Equal(BrokerFaults.Name, (await ExamineAsync("http://no-such-broker.invalid")).Fault);

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_told_as_that()
    {
        await using CannedServer server = CannedServer.Untrusted();

        BrokerCheck check = await ExamineAsync(server.Address);

        Assert.True(check.Fault is BrokerFaults.Authority, $"{check.Fault}: {check.Detail}");
    }

    [Fact]
    public async Task A_server_that_speaks_no_tls_where_tls_is_meant_is_told_as_that()
    {
        await using CannedServer server = CannedServer.Saying("200 OK", Healthy);

        BrokerCheck check = await ExamineAsync(server.Address.Replace("http:", "https:", StringComparison.Ordinal));

        Assert.True(check.Fault is BrokerFaults.Tls, $"{check.Fault}: {check.Detail}");
    }

    [Fact]
    public async Task A_silent_server_is_given_up_after_ten_seconds()
    {
        await using CannedServer server = CannedServer.Silent();
        Task<BrokerCheck> examining = ExamineAsync(server.Address);
        await server.Connected.Task;

        clock.Advance(TimeSpan.FromSeconds(11));

        BrokerCheck check = await examining;
        Assert.Equal((BrokerFaults.Timeout, 11_000L), (check.Fault, check.Milliseconds));
    }

    [Theory]
    [InlineData("http://mesh.example.org", "407 Proxy Authentication Required")]
    [InlineData("https://mesh.example.org", "403 Forbidden")]
    public async Task A_proxy_that_does_not_let_us_through_is_named(string broker, string status)
    {
        await using CannedServer proxy = CannedServer.Saying(status, "");

        BrokerCheck check = await ExamineAsync(broker, proxy.Address);

        Assert.True(check.Fault is BrokerFaults.Proxy, $"{check.Fault}: {check.Detail}");
        Assert.Equal(proxy.Address, check.Proxy);
    }

    [Fact]
    public async Task A_proxy_that_cannot_be_reached_is_told_without_its_password()
    {
        BrokerCheck check = await ExamineAsync("https://mesh.example.org", "http://alice:hunter2@no-such-proxy.invalid:3128");

        Assert.Equal((BrokerFaults.Proxy, "http://no-such-proxy.invalid:3128"), (check.Fault, check.Proxy));
        Assert.DoesNotContain("hunter2", check.ToString(), StringComparison.Ordinal);
    }

    private async Task<BrokerCheck> ExamineAsync(string broker, string? proxy = null)
    {
        var through = proxy is null ? new WebProxy() : new WebProxy(proxy);
        using var handler = new SocketsHttpHandler { Proxy = through, UseProxy = proxy is not null, AllowAutoRedirect = false };
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        return await new BrokerExamination(http, through, clock).ExamineAsync(broker, ["acme", "other"], CancellationToken.None);
    }
}
