using System.Text.Json.Nodes;
using Claudemesh.Local;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Claudemesh.Mcp;

/// <summary>
/// An MCP server without tools. Once its client has initialized, it opens the session at the daemon and puts each message before it. Whatever happens to the
/// daemon, and whatever goes wrong here, the client keeps its server.
/// </summary>
internal sealed class PushPipe(HostSession session, DaemonDoor door, string version, TextWriter log, TimeProvider clock)
{
    /// <summary>
    /// The last revision with channels. Without the pin the library accepts the probe for a later one, where a server may not speak unasked.
    /// </summary>
    public const string ProtocolVersion = "2025-11-25";

    private const string ChannelCapability = "claude/channel";

    /// <summary>Runs until the client ends its input or <paramref name="stop"/>.</summary>
    public async Task RunAsync(Func<McpServerOptions, ITransport> connect, CancellationToken stop)
    {
        var initialized = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        McpServerOptions options = Describe(() => initialized.TrySetResult());
        await using ITransport transport = connect(options);
        await using McpServer server = McpServer.Create(transport, options);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _ = PushAsync(server, initialized.Task, over.Token);
        try
        {
            await server.RunAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // A signal.
        }

        await over.CancelAsync();
    }

    private McpServerOptions Describe(Action initialized) => new()
    {
        ServerInfo = new Implementation { Name = "claudemesh", Version = version },
        ServerInstructions = Instructions.Text,
        ProtocolVersion = ProtocolVersion,
        Capabilities = new ServerCapabilities
        {
            Experimental = new Dictionary<string, object>(StringComparer.Ordinal) { [ChannelCapability] = new JsonObject() },
            Tools = new ToolsCapability(),
        },
        Handlers = new McpServerHandlers
        {
            NotificationHandlers =
            [
                new(NotificationMethods.InitializedNotification, (_, _) =>
                {
                    initialized();
                    return default;
                }),
            ],
        },
    };

    private async Task PushAsync(McpServer server, Task initialized, CancellationToken over)
    {
        try
        {
            // What is sent before is lost.
            await initialized.WaitAsync(over);
            await Task.Delay(session.AnnounceAfter, clock, over);
            using var inbox = new SessionInbox(door, session.Open(Environment.ProcessId), problem => log.WriteLine($"claudemesh: {problem.Detail}"), clock);
            using IDisposable? branch = session.WatchTags(tags => _ = inbox.ChangeTagsAsync(tags, over));
            await foreach (InboxItem item in inbox.ReadAllAsync(over))
                await server.SendMessageAsync(new JsonRpcNotification { Method = ChannelMessage.Method, Params = ChannelMessage.Describe(item) }, over);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The end.
        }
#pragma warning disable CA1031 // A server that dies is not started again; without pushes it still answers, and the inbox keeps every message.
        catch (Exception error)
#pragma warning restore CA1031
        {
            await log.WriteLineAsync($"claudemesh: messages are no longer put before this session: {error.Message}");
        }
    }
}
