using System.IO.Pipelines;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.Local;
using ModelContextProtocol.Server;

[assembly: UnsupportedOSPlatform("windows")]

namespace Claudemesh.Mcp.Tests;

/// <summary>The server as its client meets it while there is no daemon, and none can be started.</summary>
public sealed class PushPipeTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string folder = Directory.CreateTempSubdirectory("cm-").FullName;
    private readonly CancellationTokenSource stop = new();
    private readonly Pipe toServer = new();
    private readonly Pipe fromServer = new();
    private readonly StringWriter log = new();
    private StreamReader answers = null!;
    private Task running = null!;

    public ValueTask InitializeAsync()
    {
        var home = new DaemonHome(folder);
        var door = new DaemonDoor(home, new DaemonProgram(() => Path.Combine(folder, "missing"), home), TimeProvider.System);
        HostSession session = HostSession.Find(_ => null, folder, TimeProvider.System);
        running = new PushPipe(session, door, "2.0.0", TextWriter.Synchronized(log), TimeProvider.System)
            .RunAsync(_ => new StreamServerTransport(toServer.Reader.AsStream(), fromServer.Writer.AsStream()), stop.Token);
        answers = new StreamReader(fromServer.Reader.AsStream());
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.WaitAsync(Patience);
        answers.Dispose();
        stop.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    [Trait("cli", "7 channel: a gate that is not asked for")]
    public async Task The_probe_for_a_later_revision_is_refused_and_initialize_gets_the_one_with_channels()
    {
        JsonNode probe = await AskAsync("""{"jsonrpc":"2.0","id":"server-discover-probe-1","method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"claude-code","version":"2.1.330"},"io.modelcontextprotocol/clientCapabilities":{}}}}""");
        Assert.Equal("server-discover-probe-1", (string?)probe["id"]);
        Assert.NotNull(probe["error"]);
        Assert.Null(probe["result"]);

        JsonNode answer = (await GreetAsync())["result"]!;
        Assert.Equal(PushPipe.ProtocolVersion, (string?)answer["protocolVersion"]);
        Assert.Equal("2025-11-25", PushPipe.ProtocolVersion);
        Assert.Equal(("claudemesh", "2.0.0"), ((string?)answer["serverInfo"]!["name"], (string?)answer["serverInfo"]!["version"]));
        Assert.Equal("{}", answer["capabilities"]!["experimental"]!["claude/channel"]!.ToJsonString());
        Assert.Null(answer["capabilities"]!["experimental"]!["claude/channel/permission"]);
    }

    [Fact]
    public async Task The_instructions_explain_the_tag_and_how_to_answer()
    {
        string instructions = (string)(await GreetAsync())["result"]!["instructions"]!;
        Assert.Contains("<channel source=\"claudemesh\" from_name=", instructions, StringComparison.Ordinal);
        Assert.Contains("claudemesh send ANSWER_TO", instructions, StringComparison.Ordinal);
        Assert.Contains("never answers a permission question", instructions, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("cli", "7 wiring: a registration that fails unseen")]
    public async Task Without_a_daemon_it_answers_all_the_same_and_says_once_what_is_wrong()
    {
        await GreetAsync();
        await TellAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        Assert.Equal("[]", (await AskAsync("""{"jsonrpc":"2.0","id":1,"method":"tools/list"}"""))["result"]!["tools"]!.ToJsonString());

        using var patience = new CancellationTokenSource(Patience);
        for (int id = 2; !log.ToString().Contains("missing", StringComparison.Ordinal); id++)
        {
            Assert.NotNull((await AskAsync($$"""{"jsonrpc":"2.0","id":{{id}},"method":"ping"}"""))["result"]);
            patience.Token.ThrowIfCancellationRequested();
        }

        Assert.Single(log.ToString().TrimEnd().Split('\n'));
    }

    [Fact]
    [Trait("cli", "7 channel: a push before the client is ready for it")]
    public async Task Until_its_client_has_initialized_it_neither_asks_for_messages_nor_pushes_any()
    {
        await GreetAsync();
        for (int id = 1; id <= 20; id++)
            Assert.NotNull((await AskAsync($$"""{"jsonrpc":"2.0","id":{{id}},"method":"ping"}"""))["result"]);
        Assert.Empty(log.ToString());

        await TellAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        using var patience = new CancellationTokenSource(Patience);
        for (int id = 21; log.ToString().Length == 0; id++)
        {
            await AskAsync($$"""{"jsonrpc":"2.0","id":{{id}},"method":"ping"}""");
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task It_ends_with_its_input()
    {
        await GreetAsync();
        await toServer.Writer.CompleteAsync();
        await running.WaitAsync(Patience);
    }

    private Task<JsonNode> GreetAsync() => AskAsync("""{"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"roots":{"listChanged":true}},"clientInfo":{"name":"claude-code","version":"2.1.330"}},"jsonrpc":"2.0","id":0}""");

    private async Task<JsonNode> AskAsync(string request)
    {
        await TellAsync(request);
        return JsonNode.Parse((await answers.ReadLineAsync().WaitAsync(Patience))!)!;
    }

    private async Task TellAsync(string line) => await toServer.Writer.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
}
