using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Client.Tests;

/// <summary>The broker's end of one socket.</summary>
internal sealed class ScriptedPeer(WebSocket socket, HttpContext context)
{
    private readonly Channel<JsonElement> received = Channel.CreateUnbounded<JsonElement>();

    internal byte[] Challenge { get; } = Enumerable.Range(1, 32).Select(n => (byte)n).ToArray();

    /// <summary>Completes when the client has closed the socket in the proper way; faults when it is just gone.</summary>
    internal TaskCompletionSource<WebSocketCloseStatus?> ClosedByClient { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal async Task WelcomeAsync()
    {
        await SendChallengeAsync();
        await ReceiveAsync("member_hello");
        await SendWelcomeAsync();
    }

    internal Task SendChallengeAsync() => SendAsync(
        $$"""{"type":"challenge","challenge":"{{Convert.ToBase64String(Challenge)}}","broker":"scripted/1","features":[]}""");

    internal Task SendWelcomeAsync() => SendAsync(
        """
        {"type":"member_welcome","connection":1,"memberId":"member1","displayName":"ann","role":"member","meshId":"mesh1","slug":"acme",
        "name":"Acme","incarnation":"00ff","frameBytesMax":65536,"bodyBytesMax":32768,"serverTime":1700000000000,"features":["receipts"]}
        """);

    internal Task SendPushAsync(string id, long position = 1, string text = "") => SendAsync(
        $$"""
        {"type":"push","messageId":"{{id}}","meshId":"mesh1","senderPubkey":"x","nonce":"","ciphertext":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}}",
        "createdAt":"2026-11-23T05:30:17.002Z","position":{{position}},"previous":{{position - 1}}}
        """);

    internal Task SendAsync(string json) => SendRawAsync(Encoding.UTF8.GetBytes(json), endOfMessage: true);

    internal Task SendRawAsync(byte[] bytes, bool endOfMessage) =>
        socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage, Patience.Token);

    internal async Task<JsonElement> ReceiveAsync(string type)
    {
        JsonElement message = await received.Reader.ReadAsync(Patience.Token);
        Assert.Equal(type, message.GetProperty("type").GetString());
        return message;
    }

    /// <summary>Answers a request with the fields given, under its own <c>_reqId</c>.</summary>
    internal Task ReplyAsync(JsonElement request, string type, string fields = "") =>
        SendAsync($$"""{"type":"{{type}}","_reqId":"{{request.GetProperty("_reqId").GetString()}}"{{(fields.Length > 0 ? "," + fields : "")}}}""");

    internal Task RefuseAsync(JsonElement request, string code) =>
        ReplyAsync(request, "error", $"\"code\":\"{code}\",\"message\":\"No: {code}.\"");

    /// <summary>Says goodbye, unless the client, which was told of a refusal before, has left by itself already.</summary>
    internal async Task CloseAsync(int code, string reason)
    {
        try
        {
            await socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, Patience.Token);
        }
        catch (WebSocketException) when (socket.State is WebSocketState.Aborted or WebSocketState.Closed)
        {
            // It is what the goodbye was for.
        }
    }

    /// <summary>The cable is pulled.</summary>
    internal void Cut() => context.Abort();

    internal async Task ReadToEndAsync()
    {
        byte[] buffer = new byte[1024 * 1024];
        int length = 0;
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult got = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                if (got.MessageType == WebSocketMessageType.Close)
                    break;
                length += got.Count;
                if (!got.EndOfMessage)
                    continue;
                received.Writer.TryWrite(JsonDocument.Parse(buffer.AsMemory(0, length).ToArray()).RootElement);
                length = 0;
            }

            ClosedByClient.TrySetResult(socket.CloseStatus);
            if (socket.State == WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException)
        {
            ClosedByClient.TrySetException(gone);
        }

        received.Writer.TryComplete();
    }
}
