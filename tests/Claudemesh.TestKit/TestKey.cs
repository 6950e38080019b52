using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Claudemesh.Protocol;

namespace Claudemesh.TestKit;

/// <summary>An API key and a client that asks with it.</summary>
public sealed class TestKey : IDisposable
{
    public TestKey(TestBroker broker, string id, string secret)
    {
        (Id, Secret) = (id, secret);
        Http = new HttpClient { BaseAddress = broker.Url, Timeout = TestSocket.Patience };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
    }

    public string Id { get; }

    public string Secret { get; }

    /// <summary>For what the short ways below do not do, such as a stream.</summary>
    public HttpClient Http { get; }

    /// <param name="path">Below <c>/api/v1</c>, with its query.</param>
    public Task<RestAnswer> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    /// <param name="path">Below <c>/api/v1</c>.</param>
    /// <param name="json">Null: no body.</param>
    public Task<RestAnswer> PostAsync(string path, string? json = null) => SendAsync(HttpMethod.Post, path, json);

    public Task<RestAnswer> PatchAsync(string path, string? json = null) => SendAsync(HttpMethod.Patch, path, json);

    public Task<RestAnswer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public async Task<RestAnswer> SendAsync(HttpMethod method, string path, string? json = null)
    {
        using HttpRequestMessage request = new(method, new Uri("/api/v1" + path, UriKind.Relative));
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, MediaTypeHeaderValue.Parse("application/json"));
        return await RestAnswer.ReadAsync(await Http.SendAsync(request));
    }

    public void Dispose() => Http.Dispose();
}

/// <summary>What a REST route answered.</summary>
/// <param name="Body">Null where it is no JSON object.</param>
public sealed record RestAnswer(int Status, HttpResponseHeaders Headers, string Text, JsonObject? Body)
{
    /// <summary>The refusal's code; null when it is none.</summary>
    public string? Code => Status >= 400 ? (string?)Body?["code"] : null;

    public static async Task<RestAnswer> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            string text = await response.Content.ReadAsStringAsync();
            bool isJson = response.Content.Headers.ContentType?.MediaType is "application/json" or Problem.ContentType;
            return new RestAnswer((int)response.StatusCode, response.Headers, text, isJson ? JsonNode.Parse(text) as JsonObject : null);
        }
    }
}
