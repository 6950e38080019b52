using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.Protocol;

namespace Claudemesh.TestKit;

/// <summary>A bare WebSocket to a broker: frames out, frames in, nothing done by itself.</summary>
public sealed class TestSocket : IAsyncDisposable
{
    /// <summary>How long a frame that must come may take before the test says that it did not. It only bounds a hang: busy machines are slow.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public const byte Ping = 0x9;

    public const byte Pong = 0xA;

    private const byte Close = 0x8;

    private readonly ClientWebSocket socket = new();
    private readonly byte[] buffer = new byte[4 * 1024 * 1024];
    private readonly List<JsonObject> unread = [];
    private HttpMessageInvoker? invoker;
    private Stream? transport;

    private TestSocket()
    {
    }

    public WebSocketCloseStatus? CloseStatus => socket.CloseStatus;

    public string? CloseReason => socket.CloseStatusDescription;

    /// <param name="origin">What a browser says of the page that connects; null: no browser.</param>
    public static async Task<TestSocket> ConnectAsync(Uri url, string? origin = null)
    {
        TestSocket connected = new();
        if (origin is not null)
            connected.socket.Options.SetRequestHeader("Origin", origin);

        connected.socket.Options.KeepAliveInterval = TimeSpan.Zero;
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                Socket tcp = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await tcp.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return connected.transport = new NetworkStream(tcp, ownsSocket: true);
            },
        };
        connected.invoker = new HttpMessageInvoker(handler);
        using CancellationTokenSource patience = new(Patience);
        await connected.socket.ConnectAsync(url, connected.invoker, patience.Token);
        return connected;
    }

    public Task SendAsync<T>(T message, string? requestId = null)
        where T : class, IMessage
    {
        ArrayBufferWriter<byte> frame = new();
        FrameWriter.Write(frame, message, requestId is null ? [] : Encoding.UTF8.GetBytes(requestId));
        return SendAsync(frame.WrittenMemory);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> frame, WebSocketMessageType type = WebSocketMessageType.Text)
    {
        using CancellationTokenSource patience = new(Patience);
        await socket.SendAsync(frame, type, endOfMessage: true, patience.Token);
    }

    /// <summary>The next frame of this type; frames of other types that came before it are kept for later.</summary>
    public Task<JsonObject> NextAsync(string type) => NextAsync($"a frame of type {type}", frame => IsType(frame, type));

    public async Task<JsonObject> NextAsync(string what, Func<JsonObject, bool> matches)
    {
        for (int i = 0; i < unread.Count; i++)
        {
            if (matches(unread[i]))
                return Take(i);
        }

        using CancellationTokenSource patience = new(Patience);
        try
        {
            while (await ReadAsync(patience.Token) is { } frame)
            {
                if (matches(frame))
                    return frame;

                unread.Add(frame);
            }
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"Waited for {what}; what came instead: {Seen()}", late);
        }

        throw new InvalidOperationException($"Waited for {what}; the socket closed with {CloseStatus} {CloseReason}; what came: {Seen()}");
    }

    /// <summary>
    /// Everything of a type that has come by the time the broker answers something asked now: a proof that no more has
    /// been sent, without waiting for time to pass.
    /// </summary>
    public async Task<IReadOnlyList<JsonObject>> AllUntilAnsweredAsync(string type)
    {
        string id = Guid.NewGuid().ToString("N");
        await SendAsync(new ListPeers(), id);
        await NextAsync("the answer to list_peers", frame => (string?)frame["_reqId"] == id);
        List<JsonObject> found = unread.FindAll(frame => IsType(frame, type));
        unread.RemoveAll(found.Contains);
        return found;
    }

    /// <summary>Reads until the broker has closed the socket.</summary>
    public async Task<WebSocketCloseStatus?> ClosedAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        while (await ReadAsync(patience.Token) is { } frame)
            unread.Add(frame);

        return CloseStatus;
    }

    /// <summary>Drops the connection without a word, as a network that fails does.</summary>
    public void Lose() => socket.Abort();

    public async Task CloseAsync(WebSocketCloseStatus status = WebSocketCloseStatus.NormalClosure)
    {
        using CancellationTokenSource patience = new(Patience);
        await socket.CloseAsync(status, "", patience.Token);
    }

    /// <summary>
    /// Closes with an empty closing frame, as Node clients do, which is not to be had from <see cref="ClientWebSocket"/>, and reads
    /// the broker's answer.
    /// </summary>
    public async Task<WebSocketCloseStatus?> CloseWithoutCodeAsync()
    {
        await ControlAsync(Close);
        return await ClosedAsync();
    }

    /// <summary>Sends a control frame with nothing in it.</summary>
    public async Task ControlAsync(byte opcode)
    {
        using CancellationTokenSource patience = new(Patience);
        byte[] frame = [(byte)(0x80 | opcode), 0x80, 0, 0, 0, 0];
        await transport!.WriteAsync(frame, patience.Token);
    }

    /// <summary>
    /// The next control frame, which <see cref="ClientWebSocket"/> keeps to itself: read off the connection, past whole messages. It has
    /// nothing in it, or the test fails.
    /// </summary>
    public async Task<byte> NextControlAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            await transport!.ReadExactlyAsync(buffer.AsMemory(0, 2), patience.Token);
            (int first, int length) = (buffer[0], buffer[1]);
            if (length == 126)
            {
                await transport.ReadExactlyAsync(buffer.AsMemory(0, 2), patience.Token);
                length = BinaryPrimitives.ReadUInt16BigEndian(buffer);
            }

            await transport.ReadExactlyAsync(buffer.AsMemory(0, length), patience.Token);
            byte opcode = (byte)(first & 0x0F);
            if (opcode >= Close)
                return length == 0 ? opcode : throw new InvalidOperationException($"The control frame {opcode} has {length} bytes in it.");
        }
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        invoker?.Dispose();
        return ValueTask.CompletedTask;
    }

    public static bool IsType(JsonObject frame, string type) => string.Equals((string?)frame["type"], type, StringComparison.Ordinal);

    private async Task<JsonObject?> ReadAsync(CancellationToken cancellationToken)
    {
        int length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult part;
            try
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            }
            catch (WebSocketException)
            {
                return null;
            }

            if (part.MessageType == WebSocketMessageType.Close)
                return null;

            length += part.Count;
            if (part.EndOfMessage)
                return (JsonObject)JsonNode.Parse(buffer.AsSpan(0, length))!;
        }
    }

    private JsonObject Take(int index)
    {
        JsonObject frame = unread[index];
        unread.RemoveAt(index);
        return frame;
    }

    private string Seen() => string.Join(" ", unread.TakeLast(8).Select(frame => frame.ToString()));
}
