using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Claudemesh.Client;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Account;

/// <summary>One request to a broker's account routes and its answer; refusals come back under the broker's own code and with the status of its answer.</summary>
internal sealed class AccountHttp(HttpClient http)
{
    private const int AnswerBytesMax = 8 * 1024 * 1024;

    /// <param name="path">Relative to the broker's address.</param>
    public async Task<LocalReply<T>> SendAsync<T>(
        BrokerAddress broker, HttpMethod method, string path, HttpContent? content, Action<HttpRequestMessage, HttpResponseMessage?> credentials, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        string address = BrokerHttp.AddressOf(broker);
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(broker.Http, path)) { Content = content };
            credentials(request, null);
            using HttpResponseMessage response = await http.SendAsync(request, cancellationToken);
            credentials(request, response);
            await response.Content.LoadIntoBufferAsync(AnswerBytesMax, cancellationToken);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.IsSuccessStatusCode ? Read(answer, type, address) : Refuse(answer, (int)response.StatusCode, address);
        }
        catch (HttpRequestException error)
        {
            return BrokerProblems.Unreachable(address, DialFault.Of(error, broker.Http, SystemProxy.Instance).Advice);
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return BrokerProblems.Unreachable(address, "It did not answer in time.");
        }
    }

    public static HttpContent Json<T>(T body, JsonTypeInfo<T> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    public static HttpContent Form(params (string Name, string? Value)[] fields) => new FormUrlEncodedContent(
        fields.Where(field => field.Value is not null).Select(field => KeyValuePair.Create(field.Name, field.Value!)));

    private static LocalReply<T> Read<T>(byte[] answer, JsonTypeInfo<T> type, string address)
        where T : class
    {
        if (typeof(T) == typeof(Nothing))
            return (T)(object)Nothing.Value;

        try
        {
            return JsonSerializer.Deserialize(answer, type) is { } reply ? reply : Strange(address);
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException)
        {
            return Strange(address);
        }
    }

    private static LocalProblem Refuse(byte[] answer, int status, string address)
    {
        WireRefusal? said = null;
        try
        {
            said = JsonSerializer.Deserialize(answer, WireJson.Default.WireRefusal);
        }
        catch (JsonException)
        {
            // What is between us and the broker answers in its own words.
        }

        string code = said?.Code ?? said?.Error ?? (status is 404 ? "not_found" : "");
        string detail = said?.Detail ?? said?.Description ?? said?.Error ?? $"HTTP {status}";
        return code.Length == 0 ? Strange(address) : AccountProblems.Refused(code, detail, status);
    }

    private static LocalProblem Strange(string address) => BrokerProblems.Refused("", $"{address} does not answer like a claudemesh broker with accounts.");
}
