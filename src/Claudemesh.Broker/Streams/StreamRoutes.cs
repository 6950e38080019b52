using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Streams;

internal static class StreamRoutes
{
    private static readonly RestParameter[] Query =
    [
        new(StreamEndpoint.After, $"The id of an event: what came after it comes first; {StreamEndpoint.Beginning} for everything. The header {StreamEndpoint.LastEventId} goes before it."),
    ];

    private static readonly RestParameter[] Headers =
    [
        new(StreamEndpoint.LastEventId, "The id of the last event that was received; a browser sends it by itself when it connects again."),
    ];

    public static RestRoutes MapStreams(this RestRoutes routes) => routes
        .Add(new RestRoute("GET", "/topics/{topic}/stream", Operation.ReadTopics, KeyReach.OneTopic, "Follows a topic's messages as events.", HandleAsync)
        {
            Query = Query,
            Headers = Headers,
            IsStream = true,
            Refusals = [MeshError.TopicNotFound, MeshError.CursorElsewhere, MeshError.TooManyStreams, MeshError.BrokerStopping],
        })
        .Add(new RestRoute("GET", "/stream", Operation.ReadTopics, KeyReach.Filtered, "Follows the messages of all topics that the key may see, those made later too.", HandleAsync)
        {
            Query = Query,
            Headers = Headers,
            IsStream = true,
            Refusals = [MeshError.CursorElsewhere, MeshError.TooManyStreams, MeshError.BrokerStopping],
        });

    private static Task HandleAsync(RestCall call) => call.Http.RequestServices.GetRequiredService<StreamEndpoint>().HandleAsync(call);
}
