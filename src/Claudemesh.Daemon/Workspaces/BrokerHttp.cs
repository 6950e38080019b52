using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Claudemesh.Client;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Workspaces;

/// <summary>Asks a broker over HTTP what is asked before there is a connection: making a workspace, looking at an invite, joining.</summary>
internal sealed class BrokerHttp(HttpClient http)
{
    // A page of a log is as large as a frame may be.
    private const int AnswerBytesMax = 8 * 1024 * 1024;

    public Task<LocalReply<TReply>> PostAsync<TBody, TReply>(
        BrokerAddress broker, string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TReply> replyType, CancellationToken cancellationToken)
        where TReply : class
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, bodyType));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return AskAsync(broker, new HttpRequestMessage(HttpMethod.Post, new Uri(broker.Http, path)) { Content = content }, replyType, cancellationToken);
    }

    public Task<LocalReply<TReply>> GetAsync<TReply>(BrokerAddress broker, string path, JsonTypeInfo<TReply> replyType, CancellationToken cancellationToken)
        where TReply : class => AskAsync(broker, new HttpRequestMessage(HttpMethod.Get, new Uri(broker.Http, path)), replyType, cancellationToken);

    /// <summary>As people write it, without a closing slash.</summary>
    public static string AddressOf(BrokerAddress broker) => broker.Http.ToString().TrimEnd('/');

    private async Task<LocalReply<TReply>> AskAsync<TReply>(
        BrokerAddress broker, HttpRequestMessage request, JsonTypeInfo<TReply> replyType, CancellationToken cancellationToken)
        where TReply : class
    {
        try
        {
            using HttpRequestMessage asked = request;
            using HttpResponseMessage response = await http.SendAsync(asked, cancellationToken);
            await response.Content.LoadIntoBufferAsync(AnswerBytesMax, cancellationToken);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
                return JsonSerializer.Deserialize(answer, replyType) is { } reply ? reply : BrokerProblems.Refused("", "it answered null.");

            if (response.StatusCode is HttpStatusCode.ProxyAuthenticationRequired)
                return BrokerProblems.Unreachable(AddressOf(broker), DialFault.OfProxyWithoutPassword(DialFault.FindProxy(SystemProxy.Instance, broker.Http)).Advice);

            Problem? problem = JsonSerializer.Deserialize(answer, ProtocolJson.Default.Problem);
            return BrokerProblems.Refused(problem?.Code ?? "", problem?.Detail ?? $"HTTP {(int)response.StatusCode}");
        }
        catch (HttpRequestException error)
        {
            return BrokerProblems.Unreachable(AddressOf(broker), DialFault.Of(error, broker.Http, SystemProxy.Instance).Advice);
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return BrokerProblems.Unreachable(AddressOf(broker), "It did not answer in time.");
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException)
        {
            return BrokerProblems.Refused("", $"{broker.Http} does not answer like a claudemesh broker.");
        }
    }
}
