using System.Buffers.Text;
using System.Text;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Tests.Storage;
using Claudemesh.Crypto;
using Claudemesh.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Tests.Accounts.Disclosure;

/// <summary>The broker is never sent what opens an account, and keeps nothing that proves to be somebody.</summary>
public sealed class DisclosureTests : IDisposable
{
    private readonly LeakScan neverSent = new();
    private readonly LeakScan neverKept = new();
    private readonly WireRecorder wire = new();
    private readonly ServerTraces server = new();
    private TestPostgres? postgres;

    public void Dispose()
    {
        server.Dispose();
        postgres?.Dispose();
    }

    [Theory]
    [InlineData(Backend.Sqlite)]
    [InlineData(Backend.Postgres)]
    [Trait("rest", "7.1 A12")]
    [Trait("wire", "7.3 #9")]
    public async Task Nothing_that_the_server_stored_logged_or_was_sent_opens_an_account_and_the_same_search_finds_what_is_planted(Backend backend)
    {
        await using TestBroker broker = await StartAsync(backend);
        using DisclosureFlow flow = new(broker, neverSent, neverKept);
        await flow.RunAsync();

        List<Trace> kept = await KeptAsync(broker, backend);
        List<Trace> all = [.. kept, .. wire.Traces()];
        AssertComplete(all, flow);
        Assert.Empty(neverSent.Find(all));
        Assert.Empty(neverKept.Find(kept));

        await AssertPlantedIsFoundAsync(broker, backend);

        await broker.StopAsync();
        Assert.Empty(neverSent.Find(ServerTraces.Files(broker, runs: false)));
        Assert.Empty(neverKept.Find(ServerTraces.Files(broker, runs: false)));
    }

    /// <summary>What must be there is: else the search has looked at nothing.</summary>
    private static void AssertComplete(List<Trace> traces, DisclosureFlow flow)
    {
        LeakScan known = new();
        known.AddText("the account key", flow.AccountKey);
        SortedSet<string> found = known.Find(traces);
        Assert.Contains("the account key in the table account_key", found);
        LeakScan words = new();
        words.AddText("a request", "/api/my/renewal");
        words.AddText("a frame", "\"type\":\"session_open\"");
        words.AddText("a line", "has its first key, from device");
        words.AddText("a file", "CREATE TABLE account_vault");
        found = words.Find(traces);
        Assert.Contains("a request in what was sent", found);
        Assert.Contains("a frame in what was sent in frames", found);
        Assert.Contains("a line in the log", found);
        Assert.True(TestPostgres.IsEverywhere || traces.Exists(trace => trace.Place is "the table device_request"));
    }

    /// <summary>One secret for each place and form, planted by hand in the broker that was just searched.</summary>
    private async Task AssertPlantedIsFoundAsync(TestBroker broker, Backend backend)
    {
        LeakScan planted = new();
        byte[] Plant(string name)
        {
            byte[] secret = RandomBytes.Next(AccountSecret.Size);
            planted.AddBytes(name, secret);
            return secret;
        }

        Database database = broker.Services.GetRequiredService<Database>();
        byte[] raw = [.. RandomBytes.Next(7), .. Plant("raw"), .. RandomBytes.Next(5)];
        await database.WriteAsync(
            scope => scope.Sql.Execute("INSERT INTO account_vault (account_no, version, blob, written_at) VALUES (77, 1, @blob, 1)", ("@blob", raw)), CancellationToken.None);
        string hex = Convert.ToHexString(Plant("half, as hexadecimal in capitals"))[..32];
        await database.WriteAsync(
            scope => scope.Sql.Execute("INSERT INTO schema_migration (number, file_name, sha256, applied_at) VALUES (999, @name, '', 1)", ("@name", hex)), CancellationToken.None);
        string logged = Convert.ToBase64String([1, .. Plant("base64 behind one byte")]);
        ILogger log = broker.Services.GetRequiredService<ILoggerFactory>().CreateLogger("planted");
        log.Log(LogLevel.Trace, default, logged, exception: null, static (text, _) => text);
        await File.WriteAllTextAsync(Path.Combine(broker.DataFolder, "left.txt"), Convert.ToHexStringLower(Plant("hexadecimal")));

        using HttpRequestMessage request = new(HttpMethod.Post, new Uri($"/api/v1/api-keys?x={Uri.EscapeDataString(Convert.ToBase64String(Plant("base64 in an address")))}", UriKind.Relative));
        request.Headers.Add("X-Planted", Crockford(Plant("Crockford's base32 in a header")));
        request.Content = new StringContent($$"""{"x":"{{Convert.ToBase64String([1, 2, .. Plant("escaped base64 in a body")]).Replace("+", "\\u002B", StringComparison.Ordinal)}}"}""");
        await broker.Http.SendAsync(request);
        await using TestSocket socket = await TestSocket.ConnectAsync(broker.SocketUrl);
        await socket.SendAsync($$"""{"type":"hello","x":"{{Base64Url.EncodeToString(Plant("base64url in a frame"))}}"}""");
        await socket.ClosedAsync();

        SortedSet<string> found = planted.Find([.. await KeptAsync(broker, backend), .. wire.Traces()]);
        string[] expected =
        [
            "raw in the table account_vault", "half, as hexadecimal in capitals in the table schema_migration", "base64 behind one byte in the log",
            "hexadecimal in the file left.txt", "base64 in an address in what was sent", "Crockford's base32 in a header in what was sent",
            "escaped base64 in a body in what was sent", "base64url in a frame in what was sent in frames",
        ];
        Assert.All(expected, each => Assert.Contains(each, found));
        if (backend is Backend.Sqlite && !TestPostgres.IsEverywhere)
            Assert.Contains(found, each => each.StartsWith("raw in the file broker.db", StringComparison.Ordinal));
    }

    private async Task<TestBroker> StartAsync(Backend backend)
    {
        Assert.SkipUnless(backend is Backend.Sqlite || TestPostgres.IsThere, "no PostgreSQL server is named; ./dev test starts one");
        postgres = backend is Backend.Postgres ? TestPostgres.CreateSchema() : null;
        return await TestBroker.StartAsync(
            change: settings => postgres is null ? settings : settings with { Database = postgres.Address },
            services: services =>
            {
                server.Listen(services);
                wire.Listen(services);
            });
    }

    private async Task<List<Trace>> KeptAsync(TestBroker broker, Backend backend)
    {
        bool isPostgres = backend is Backend.Postgres || TestPostgres.IsEverywhere;
        string figures = await broker.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return
        [
            .. await ServerTraces.TablesAsync(broker, isPostgres), .. ServerTraces.Files(broker, runs: true), server.Logged(),
            new Trace("the figures", Encoding.UTF8.GetBytes(figures), IsText: true),
        ];
    }

    private static string Crockford(byte[] secret)
    {
        // A pairing secret is what is typed in this form.
        using RecoveryKey key = new(secret.AsSpan(0, RecoveryKey.Size));
        return key.ToPrintedText().ToLowerInvariant();
    }
}
