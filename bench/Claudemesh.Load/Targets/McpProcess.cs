using System.Diagnostics;
using System.Text.Json;

namespace Claudemesh.Load.Targets;

/// <summary>An MCP server with a client that waits for one line after the other.</summary>
internal sealed class McpProcess : IDisposable
{
    private const string Initialize = """{"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}},"jsonrpc":"2.0","id":0}""";
    private const string Initialized = """{"method":"notifications/initialized","jsonrpc":"2.0"}""";
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(30);

    private readonly Process process;

    private McpProcess(Process process) => this.process = process;

    public ProcessFigures Figures => ProcessFigures.Read(process.Id);

    /// <summary>Starts it and asks at once, as clients do; returns with its answer.</summary>
    public static async Task<McpProcess> StartAsync(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string folder, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, WorkingDirectory = folder,
        };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;

        McpProcess started = new(Process.Start(start)!);
        await started.TellAsync(Initialize, cancellationToken);
        await started.NextAsync(cancellationToken);
        return started;
    }

    /// <summary>From here on it opens its session and pushes.</summary>
    public Task InitializedAsync(CancellationToken cancellationToken) => TellAsync(Initialized, cancellationToken);

    /// <summary>The next message that it puts before the model.</summary>
    public async Task<string> NextContentAsync(CancellationToken cancellationToken)
    {
        using JsonDocument line = JsonDocument.Parse(await NextAsync(cancellationToken));
        return line.RootElement.GetProperty("params").GetProperty("content").GetString()!;
    }

    public void Dispose()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(AnswerMax))
            process.Kill();
        process.Dispose();
    }

    private async Task TellAsync(string line, CancellationToken cancellationToken)
    {
        await process.StandardInput.WriteAsync((line + "\n").AsMemory(), cancellationToken);
        await process.StandardInput.FlushAsync(cancellationToken);
    }

    private async Task<string> NextAsync(CancellationToken cancellationToken) =>
        await process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(AnswerMax, cancellationToken)
        ?? throw new InvalidOperationException("The MCP server ended.");
}
