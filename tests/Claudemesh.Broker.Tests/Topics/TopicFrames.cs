using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.Protocol;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.Topics;

/// <summary>What a client does with topics, over its socket.</summary>
internal static class TopicFrames
{
    /// <returns>The topic's id.</returns>
    public static async Task<string> CreateTopicAsync(
        this TestSocket socket, string name, TopicVisibility? visibility = null, string? description = null)
    {
        JsonObject created = await socket.AskAsync(new TopicCreate(TopicName.Parse(name), description, visibility));
        return (string)created["topic"]!["id"]!;
    }

    /// <summary>Asks, and gives the answer or the refusal.</summary>
    public static async Task<JsonObject> AskAsync<T>(this TestSocket socket, T request)
        where T : class, IMessage
    {
        string id = Guid.NewGuid().ToString("N");
        await socket.SendAsync(request, id);
        return await socket.NextAsync($"the answer to {request.GetType().Name}", frame => (string?)frame["_reqId"] == id);
    }

    /// <summary>Sends what is answered only when it is refused, and waits until it is done.</summary>
    /// <returns>The refusal's code, or null.</returns>
    public static async Task<string?> TellAsync<T>(this TestSocket socket, T notice)
        where T : class, IMessage
    {
        string id = Guid.NewGuid().ToString("N");
        await socket.SendAsync(notice, id);
        IReadOnlyList<JsonObject> errors = await socket.AllUntilAnsweredAsync("error");
        return (string?)errors.SingleOrDefault(error => (string?)error["_reqId"] == id)?["code"];
    }

    public static async Task<JsonObject> PostAsync(
        this TestSocket socket, string topic, string text, int? bodyVersion = 1, string? replyTo = null, string[]? mentions = null,
        Priority priority = Priority.Next, string? clientId = null, string? session = null)
    {
        string id = Guid.NewGuid().ToString("N");
        await socket.SendAsync(new Send(
            "#" + topic,
            new byte[24],
            Encoding.UTF8.GetBytes(text),
            id,
            priority,
            clientId ?? Guid.CreateVersion7().ToString(),
            Mentions: mentions,
            ReplyToId: replyTo,
            BodyVersion: bodyVersion,
            Header: bodyVersion == 3 ? new byte[8] : null,
            SessionId: session is null ? null : SessionId.Parse(session)));
        return await socket.NextAsync("the ack", frame => TestSocket.IsType(frame, "ack") && (string?)frame["id"] == id);
    }

    /// <returns>The post's id.</returns>
    public static async Task<string> PostedAsync(this TestSocket socket, string topic, string text)
    {
        JsonObject ack = await socket.PostAsync(topic, text);
        Assert.True((bool?)ack["queued"], ack.ToString());
        return (string)ack["messageId"]!;
    }

    public static async Task<string> GeneralAsync(this TestSocket socket)
    {
        JsonObject list = await socket.AskAsync(new TopicListRequest());
        return (string)list["topics"]!.AsArray().Single(topic => (string?)topic!["name"] == "general")!["id"]!;
    }

    public static async Task<string[]> NamesAsync(this TestSocket socket, bool? archived = null)
    {
        JsonObject list = await socket.AskAsync(new TopicListRequest(archived));
        return [.. list["topics"]!.AsArray().Select(topic => (string)topic!["name"]!)];
    }

    public static string[] Texts(JsonObject page) =>
        [.. page["messages"]!.AsArray().Select(post => Encoding.UTF8.GetString(Convert.FromBase64String((string)post!["ciphertext"]!)))];

    public static string[] Ids(JsonObject page) => [.. page["messages"]!.AsArray().Select(post => (string)post!["id"]!)];
}
