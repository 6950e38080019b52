using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace Claudemesh.EndToEnd.Tests;

/// <summary>A scripted MCP client that has started <c>claudemesh mcp</c>, as Claude Code does, and keeps what it is told.</summary>
internal sealed partial class McpSession : IAsyncDisposable
{
    /// <summary>As Claude Code sends it before everything else.</summary>
    public const string Probe = """{"jsonrpc":"2.0","id":"server-discover-probe-1","method":"server/discover","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"claude-code","version":"2.1.330"},"io.modelcontextprotocol/clientCapabilities":{}}}}""";

    private const string Initialize = """{"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"roots":{"listChanged":true},"elicitation":{"form":{},"url":{}}},"clientInfo":{"name":"claude-code","title":"Claude Code","version":"2.1.330"}},"jsonrpc":"2.0","id":0}""";

    private readonly Process process;
    private readonly Channel<JsonNode> messages = Channel.CreateUnbounded<JsonNode>();
    private readonly Task reading;
    private readonly Task<string> errors;

    private McpSession(Process process)
    {
        this.process = process;
        reading = ReadAsync();
        errors = process.StandardError.ReadToEndAsync();
    }

    public int ProcessId => process.Id;

    /// <summary>Starts it and does nothing else.</summary>
    /// <param name="folder">The project's.</param>
    public static McpSession Start(Person person, string folder, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(Programs.Find("claudemesh"), ["mcp"])
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in person.Environment)
            start.Environment[name] = value;
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        return new McpSession(Process.Start(start)!);
    }

    /// <summary>Starts it and goes through the handshake, with the probe.</summary>
    public static async Task<McpSession> OpenAsync(Person person, string folder, params (string Name, string Value)[] environment)
    {
        McpSession session = Start(person, folder, environment);
        await session.AskAsync(Probe);
        await session.InitializeAsync();
        await session.TellAsync("""{"method":"notifications/initialized","jsonrpc":"2.0"}""");
        return session;
    }

    public Task<JsonNode> InitializeAsync() => AskAsync(Initialize);

    /// <summary>The next message of the server is the answer: nothing else may come before a session is open.</summary>
    public async Task<JsonNode> AskAsync(string request)
    {
        await TellAsync(request);
        return await NextAsync();
    }

    public async Task TellAsync(string line)
    {
        await process.StandardInput.WriteAsync(line + "\n");
        await process.StandardInput.FlushAsync();
    }

    /// <summary>The next message put before the model.</summary>
    public async Task<(string Content, JsonObject Meta)> NextChannelAsync()
    {
        JsonNode message = await NextAsync();
        Assert.Equal("notifications/claude/channel", (string?)message["method"]);
        return ((string)message["params"]!["content"]!, message["params"]!["meta"]!.AsObject());
    }

    public void Signal(PosixSignal signal) => Assert.Equal(0, Kill(process.Id, signal is PosixSignal.SIGINT ? 2 : 15));

    public void EndInput() => process.StandardInput.Close();

    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async Task<int> WaitForExitAsync()
    {
        await process.WaitForExitAsync().WaitAsync(Eventually.Patience);
        return process.ExitCode;
    }

    /// <summary>What it said on standard error; after its end.</summary>
    public Task<string> ErrorsAsync() => errors;

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await KillAsync();
        await reading;
        process.Dispose();
    }

    private async Task<JsonNode> NextAsync()
    {
        using CancellationTokenSource patience = new(Eventually.Patience);
        return await messages.Reader.ReadAsync(patience.Token);
    }

    private async Task ReadAsync()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            await messages.Writer.WriteAsync(JsonNode.Parse(line)!);
        messages.Writer.TryComplete();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
