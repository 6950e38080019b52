using System.Diagnostics.Metrics;
using Claudemesh.Broker.Rest;
using Claudemesh.Broker.Sockets;

namespace Claudemesh.Broker.ApiKeys;

/// <summary>How many keys are in memory, and how many have a rate.</summary>
internal sealed class ApiKeyMetrics
{
    public ApiKeyMetrics(IMeterFactory meters, ApiKeyBook book, KeyRate rate)
    {
        Meter meter = meters.Create(SocketMetrics.MeterName);
        meter.CreateObservableGauge("claudemesh_api_keys_known", () => book.Count, description: "API keys in memory: those that were used lately");
        meter.CreateObservableGauge("claudemesh_api_key_rates", () => rate.Count, description: "API keys of which a rate is kept");
    }
}
