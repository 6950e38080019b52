using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Claudemesh.Load.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Claudemesh.Load.Sink;

/// <summary>The rival for scripts: takes posts and lets them out as events, with the same JSON, without storage, keys or checks.</summary>
internal sealed class SinkRest
{
    private readonly ConcurrentDictionary<SinkPeer, bool> readers = new();
    private readonly Lock gate = new();
    private long messages;

    public void Map(WebApplication app)
    {
        app.MapPost("/api/v1/messages", PostAsync);
        app.MapGet("/api/v1/stream", StreamAsync);
    }

    private async Task PostAsync(HttpContext context)
    {
        byte[] body = new byte[4096];
        int length = 0;
        while (await context.Request.Body.ReadAsync(body.AsMemory(length), context.RequestAborted) is > 0 and var read)
            length += read;

        string text = Encoding.UTF8.GetString(JsonText.Find(body.AsSpan(0, length), "\"text\":\""u8));
        string answer = Publish(text);
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer, context.RequestAborted);
    }

    /// <summary>In order, and encoded once.</summary>
    private string Publish(string text)
    {
        lock (gate)
        {
            long position = ++messages;
            string id = position.ToString("x32", CultureInfo.InvariantCulture);
            string row = $$"""{"id":"{{id}}","senderMemberId":"{{id}}","senderPubkey":"{{id}}{{id}}","senderName":"owner","nonce":"","ciphertext":"{{Convert.ToBase64String(Encoding.UTF8.GetBytes(text))}}","bodyVersion":1,"replyToId":null,"createdAt":"2026-11-24T08:30:00.000Z","topic":"general","topicId":"{{id}}","position":{{position}},"priority":"next","encrypted":false,"text":"{{text}}"}""";
            byte[] frame = Encoding.UTF8.GetBytes($"id: {id}\nevent: message\ndata: {row}\n\n");
            foreach (SinkPeer reader in readers.Keys)
            {
                reader.Enqueue(frame);
                reader.Kick();
            }

            return $$"""{"messageId":"{{id}}","historyId":"{{id}}","queueId":"{{id}}","topic":"general","topicId":"{{id}}","notifications":0,"bodyVersion":1,"position":{{position}}}""";
        }
    }

    private async Task StreamAsync(HttpContext context)
    {
        TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using CancellationTokenRegistration left = context.RequestAborted.Register(gone.SetResult);
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        SinkPeer reader = new(context.Response.Body);
        reader.Enqueue("event: ready\ndata: {}\n\n"u8);
        reader.Kick();
        readers[reader] = true;
        await gone.Task;
        readers.TryRemove(reader, out _);
        reader.Leave();
    }
}
