using System.Diagnostics.Metrics;
using Claudemesh.Broker.Sockets;

namespace Claudemesh.Broker.Rest;

/// <summary>What is asked of the REST doors. The label is the route's pattern: there is a known number of them.</summary>
internal sealed class RestMetrics
{
    private readonly Counter<long> asked;

    public RestMetrics(IMeterFactory meters) =>
        asked = meters.Create(SocketMetrics.MeterName).CreateCounter<long>("claudemesh_rest_requests", description: "Requests to REST routes");

    public void Asked(RestRoute route) => asked.Add(1, new KeyValuePair<string, object?>("route", $"{route.Method} {route.FullPath}"));
}
