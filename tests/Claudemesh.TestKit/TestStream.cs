using System.Net;
using System.Text.Json.Nodes;

namespace Claudemesh.TestKit;

/// <summary>One event of a stream.</summary>
/// <param name="Id">Null where it has none.</param>
public sealed record StreamEvent(string Name, string? Id, string Data)
{
    public JsonObject Json => JsonNode.Parse(Data)!.AsObject();

    public string? Text => (string?)Json["text"];
}

/// <summary>A reader of a stream of events, as a browser or a script is one: it does nothing by itself.</summary>
public sealed class TestStream : IDisposable
{
    private readonly HttpResponseMessage response;
    private readonly StreamReader reader;

    private TestStream(HttpResponseMessage response, Stream body)
    {
        this.response = response;
        reader = new StreamReader(body);
    }

    public HttpResponseMessage Response => response;

    /// <summary>Of the newest event that has one.</summary>
    public string? LastId { get; private set; }

    /// <summary>Opens a stream and reads its first event.</summary>
    /// <param name="path">Below <c>/api/v1</c>.</param>
    /// <param name="lastId">What a reader who comes again says.</param>
    public static async Task<TestStream> OpenAsync(HttpClient http, string path, string? lastId = null)
    {
        HttpResponseMessage answer = await AskAsync(http, path, lastId);
        if (answer.StatusCode != HttpStatusCode.OK)
            throw new InvalidOperationException($"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");

        TestStream stream = new(answer, await answer.Content.ReadAsStreamAsync());
        StreamEvent? ready = await stream.NextAsync();
        if (ready?.Name != "ready")
            throw new InvalidOperationException($"{path} begins with {ready}.");

        return stream;
    }

    public static async Task<HttpResponseMessage> AskAsync(HttpClient http, string path, string? lastId = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri("/api/v1" + path, UriKind.Relative));
        if (lastId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>The next event; null at the end of the stream.</summary>
    public async Task<StreamEvent?> NextAsync()
    {
        using CancellationTokenSource patience = new(TestSocket.Patience);
        string? name = null, id = null, data = null;
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Length == 0 && name is not null)
            {
                LastId = id ?? LastId;
                return new StreamEvent(name, id, data ?? "");
            }

            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            string value = colon < 0 ? "" : line[(colon + 2)..];
            switch (colon < 0 ? "" : line[..colon])
            {
                case "event":
                    name = value;
                    break;
                case "id":
                    id = value;
                    break;
                case "data":
                    data = value;
                    break;
            }
        }

        return null;
    }

    /// <summary>The next message; heartbeats are passed over.</summary>
    public async Task<StreamEvent> NextMessageAsync()
    {
        while (true)
        {
            StreamEvent next = await NextAsync() ?? throw new InvalidOperationException("The stream has ended.");
            if (next.Name == "message")
                return next;
            if (next.Name != "heartbeat")
                throw new InvalidOperationException($"Waited for a message; what came is {next}.");
        }
    }

    public async Task<string[]> NextTextsAsync(int count)
    {
        string[] texts = new string[count];
        for (int i = 0; i < count; i++)
            texts[i] = (await NextMessageAsync()).Text ?? "";
        return texts;
    }

    public void Dispose()
    {
        reader.Dispose();
        response.Dispose();
    }
}
