using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json;
using Claudemesh.Client;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Checkups;

/// <summary>Asks a broker how it is, and tells the ways apart in which that fails.</summary>
/// <param name="proxies">Those that <paramref name="http"/> goes by.</param>
internal sealed class BrokerExamination(HttpClient http, IWebProxy proxies, TimeProvider clock)
{
    private const int AnswerBytesMax = 64 * 1024;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);

    /// <param name="broker">As it was joined by.</param>
    public async Task<BrokerCheck> ExamineAsync(string broker, IReadOnlyList<string> workspaces, CancellationToken cancellationToken)
    {
        var health = new Uri(BrokerAddress.Parse(broker).Http, "health");
        string? proxy = DialFault.FindProxy(proxies, health);
        var check = new BrokerCheck(broker, workspaces, null, null, null, null, 0, proxy);
        long begun = clock.GetTimestamp();
        using var bound = new CancellationTokenSource(AnswerWithin, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, bound.Token);
        try
        {
            using HttpResponseMessage response = await http.GetAsync(health, HttpCompletionOption.ResponseHeadersRead, either.Token);
            DateTimeOffset answeredAt = clock.GetUtcNow();
            TimeSpan taken = clock.GetElapsedTime(begun);
            await response.Content.LoadIntoBufferAsync(AnswerBytesMax, either.Token);
            return Read(check with { Milliseconds = (long)taken.TotalMilliseconds }, response, await response.Content.ReadAsByteArrayAsync(either.Token), answeredAt - (taken / 2));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return check with { Fault = BrokerFaults.Timeout, Detail = $"no answer within {AnswerWithin.TotalSeconds:0} s", Milliseconds = (long)clock.GetElapsedTime(begun).TotalMilliseconds };
        }
        catch (HttpRequestException error)
        {
            DialFault fault = DialFault.Of(error, health, proxies);
            return check with { Fault = CodeOf(fault.Kind), Detail = fault.Why, Milliseconds = (long)clock.GetElapsedTime(begun).TotalMilliseconds };
        }
    }

    private static BrokerCheck Read(BrokerCheck check, HttpResponseMessage response, byte[] body, DateTimeOffset askedAt)
    {
        if (response.StatusCode is HttpStatusCode.ProxyAuthenticationRequired)
            return check with { Fault = BrokerFaults.Proxy, Detail = DialFault.OfProxyWithoutPassword(check.Proxy).Why };

        if (!TryReadHealth(body, out string? version, out bool isHealthy))
            return check with { Fault = BrokerFaults.NoBroker, Detail = $"HTTP {(int)response.StatusCode}, and not in the words of a broker" };

        long? skew = response.Headers.Date is { } date ? (long)Math.Round((date - askedAt).TotalSeconds) : null;
        return check with
        {
            Version = version,
            ClockSkewSeconds = skew,
            Fault = isHealthy ? null : BrokerFaults.Unhealthy,
            Detail = isHealthy ? null : "it cannot use its database",
        };
    }

    private static bool TryReadHealth(byte[] body, [NotNullWhen(true)] out string? version, out bool isHealthy)
    {
        (version, isHealthy) = (null, false);
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement report = document.RootElement;
            if (report.ValueKind != JsonValueKind.Object || !report.TryGetProperty("status", out JsonElement status) || !report.TryGetProperty("version", out JsonElement stated))
                return false;

            bool hasDatabase = !report.TryGetProperty("db", out JsonElement db) || !db.ValueEquals("down");
            (version, isHealthy) = (stated.ToString(), status.ValueEquals("ok") && hasDatabase);
            return true;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static string CodeOf(DialFaultKind kind) => kind switch
    {
        DialFaultKind.Name => BrokerFaults.Name,
        DialFaultKind.Connection => BrokerFaults.Connection,
        DialFaultKind.Proxy => BrokerFaults.Proxy,
        DialFaultKind.Authority => BrokerFaults.Authority,
        DialFaultKind.Tls => BrokerFaults.Tls,
        _ => BrokerFaults.NoBroker,
    };
}
