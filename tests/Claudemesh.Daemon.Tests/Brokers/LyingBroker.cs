using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Daemon.Tests.Brokers;

/// <summary>
/// Stands between a daemon and an honest broker and changes what the daemon is shown: every frame and every HTTP answer passes through a test's hands. It
/// knows what any broker knows, and no key.
/// </summary>
internal sealed class LyingBroker : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly HttpClient http;
    private readonly Uri honest;
    private readonly ConcurrentDictionary<WebSocket, bool> sockets = new();

    private LyingBroker(WebApplication app, Uri honest)
    {
        this.app = app;
        this.honest = honest;
        http = new HttpClient { BaseAddress = honest };
    }

    public string Address { get; private set; } = "";

    /// <summary>What becomes of a frame to the daemon: another one, or null to keep it back. Not changing it is honest.</summary>
    public Func<JsonObject, JsonObject?> Show { get; set; } = frame => frame;

    /// <summary>What becomes of an HTTP answer.</summary>
    public Func<string, JsonObject, JsonObject> ShowAnswer { get; set; } = (_, answer) => answer;

    /// <summary>What becomes of a frame from the daemon; null keeps it back.</summary>
    public Func<JsonObject, JsonObject?> Pass { get; set; } = frame => frame;

    /// <summary>What becomes of the body of a POST.</summary>
    public Func<string, JsonObject, JsonObject> PassBody { get; set; } = (_, body) => body;

    /// <summary>Everything that the daemon sent, as it came.</summary>
    public ConcurrentQueue<JsonObject> Said { get; } = new();

    public static async Task<LyingBroker> StartAsync(Uri honest)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        WebApplication built = builder.Build();
        var broker = new LyingBroker(built, honest);
        built.UseWebSockets();
        built.Run(broker.AnswerAsync);
        await built.StartAsync();
        broker.Address = built.Urls.First();
        return broker;
    }

    /// <summary>Loses the daemon's connection, so that it asks everything anew.</summary>
    public void LoseConnections()
    {
        foreach (WebSocket socket in sockets.Keys)
            socket.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        LoseConnections();
        await app.StopAsync();
        await app.DisposeAsync();
        http.Dispose();
    }

    private Task AnswerAsync(HttpContext context) => context.WebSockets.IsWebSocketRequest ? RelayAsync(context) : ForwardAsync(context);

    private async Task ForwardAsync(HttpContext context)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), context.Request.Path + context.Request.QueryString);
        if (context.Request.ContentLength > 0)
        {
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            JsonObject passed = PassBody(context.Request.Path, JsonNode.Parse(body.ToArray())!.AsObject());
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(passed.ToJsonString()));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        }

        using HttpResponseMessage answer = await http.SendAsync(request);
        string text = await answer.Content.ReadAsStringAsync();
        context.Response.StatusCode = (int)answer.StatusCode;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(ShowAnswer(context.Request.Path, JsonNode.Parse(text)!.AsObject()).ToJsonString());
    }

    private async Task RelayAsync(HttpContext context)
    {
        using WebSocket daemon = await context.WebSockets.AcceptWebSocketAsync();
        using var upstream = new ClientWebSocket();
        sockets[daemon] = true;
        try
        {
            await upstream.ConnectAsync(new UriBuilder(honest) { Scheme = "ws", Path = context.Request.Path }.Uri, CancellationToken.None);
            Task first = await Task.WhenAny(PumpAsync(daemon, upstream, isUp: true), PumpAsync(upstream, daemon, isUp: false));
            await first;
        }
        catch (Exception lost) when (lost is WebSocketException or IOException or OperationCanceledException or JsonException)
        {
            // As the test wanted.
        }
        finally
        {
            sockets.TryRemove(daemon, out _);
            daemon.Abort();
            upstream.Abort();
        }
    }

    private async Task PumpAsync(WebSocket from, WebSocket to, bool isUp)
    {
        byte[] buffer = new byte[1024 * 1024];
        while (true)
        {
            int length = 0;
            ValueWebSocketReceiveResult received;
            do
            {
                received = await from.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                length += received.Count;
            }
            while (!received.EndOfMessage);

            if (received.MessageType is WebSocketMessageType.Close)
            {
                await to.CloseOutputAsync(from.CloseStatus ?? WebSocketCloseStatus.NormalClosure, from.CloseStatusDescription, CancellationToken.None);
                return;
            }

            JsonObject frame = JsonNode.Parse(buffer.AsSpan(0, length))!.AsObject();
            if (isUp)
                Said.Enqueue(frame.DeepClone().AsObject());
            if ((isUp ? Pass : Show)(frame) is { } shown)
                await to.SendAsync(Encoding.UTF8.GetBytes(shown.ToJsonString()), WebSocketMessageType.Text, true, CancellationToken.None);
        }
    }
}
