using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Claudemesh.Load.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Load.Sink;

/// <summary>
/// The rival: the same web server and the same four frames for each message (<c>send</c> in; <c>ack</c> and <c>push</c> out;
/// <c>client_ack</c> in), without checks, storage, order or memory. What no broker on this machine can beat.
/// </summary>
internal sealed class SinkServer
{
    private const int FrameBytesMax = 64 * 1024;

    private readonly ConcurrentDictionary<ulong, SinkPeer> peers = new();
    private long messages;

    public static async Task<int> RunAsync(TextWriter output, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        await using WebApplication app = builder.Build();
        SinkServer sink = new();
        app.Map("/ws", sink.AcceptAsync);
        new SinkRest().Map(app);
        await app.StartAsync(cancellationToken);
        string address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        await output.WriteLineAsync($"listening on {address}");
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    // RFC 6455 names SHA-1 here; it proves that the server read the request and protects nothing.
#pragma warning disable CA5350
    private static string Accept(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350

    private static ulong Address(ReadOnlySpan<byte> key) =>
        Utf8Parser.TryParse(key.Length > 16 ? key[..16] : key, out ulong address, out _, 'x') ? address : 0;

    private async Task AcceptAsync(HttpContext context)
    {
        IHttpUpgradeFeature upgrade = context.Features.GetRequiredFeature<IHttpUpgradeFeature>();
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketAccept = Accept(context.Request.Headers.SecWebSocketKey.ToString());
        await using Stream stream = await upgrade.UpgradeAsync();
        using WebSocket socket = WebSocket.CreateFromStream(
            stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = Timeout.InfiniteTimeSpan });
        SinkPeer peer = new(stream);
        SinkFrames frames = new();
        peer.Enqueue(frames.Fixed("""{"type":"challenge","challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","broker":"sink","features":[]}"""u8));
        peer.Kick();
        try
        {
            await ReadAsync(socket, peer, frames, context.RequestAborted);
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or IOException)
        {
            // Load generators leave without a word.
        }
        finally
        {
            peer.Leave();
        }
    }

    private async Task ReadAsync(WebSocket socket, SinkPeer self, SinkFrames frames, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[FrameBytesMax];
        HashSet<SinkPeer> written = [];
        while (true)
        {
            ValueTask<ValueWebSocketReceiveResult> receiving = socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (!receiving.IsCompleted)
            {
                // All that had arrived is answered: now let it out.
                foreach (SinkPeer peer in written)
                    peer.Kick();

                written.Clear();
            }

            ValueWebSocketReceiveResult received = await receiving;
            if (received.MessageType != WebSocketMessageType.Text)
                return;

            if (!received.EndOfMessage)
                throw new WebSocketException("A frame of more than 64 KB.");

            Answer(buffer.AsSpan(0, received.Count), self, frames, written);
        }
    }

    private void Answer(ReadOnlySpan<byte> text, SinkPeer self, SinkFrames frames, HashSet<SinkPeer> written)
    {
        ReadOnlySpan<byte> type = JsonText.Type(text);
        if (type.SequenceEqual("send"u8))
            Route(text, self, frames, written);
        else if (type.SequenceEqual("hello"u8))
            Welcome(text, self, frames.Fixed("""{"type":"hello_ack","presenceId":"sink"}"""u8));
        else if (type.SequenceEqual("member_hello"u8))
            Welcome(text, self, frames.Fixed("""{"type":"member_welcome","connection":1}"""u8));
    }

    private void Welcome(ReadOnlySpan<byte> hello, SinkPeer self, ReadOnlySpan<byte> answer)
    {
        self.Key = JsonText.Find(hello, "\"pubkey\":\""u8).ToArray();
        peers[Address(self.Key)] = self;
        self.Enqueue(answer);
        self.Kick();
    }

    private void Route(ReadOnlySpan<byte> send, SinkPeer self, SinkFrames frames, HashSet<SinkPeer> written)
    {
        Span<byte> id = stackalloc byte[32];
        id.Fill((byte)'0');
        Utf8Formatter.TryFormat(Interlocked.Increment(ref messages), id[16..], out _, new System.Buffers.StandardFormat('x', 16));

        ReadOnlySpan<byte> target = JsonText.Find(send, "\"targetSpec\":\""u8);
        self.Enqueue(frames.Ack(send, id));
        written.Add(self);
        ReadOnlySpan<byte> push = frames.Push(send, id, self.Key);
        if (target is [(byte)'*'])
        {
            foreach (SinkPeer peer in peers.Values)
            {
                if (peer == self)
                    continue;

                peer.Enqueue(push);
                written.Add(peer);
            }
        }
        else if (peers.TryGetValue(Address(target), out SinkPeer? recipient))
        {
            recipient.Enqueue(push);
            written.Add(recipient);
        }
    }
}
