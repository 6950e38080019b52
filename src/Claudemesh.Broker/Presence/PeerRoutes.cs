using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Presence;

internal static class PeerRoutes
{
    public static RestRoutes MapPeers(this RestRoutes routes) => routes
        .Add(new RestRoute("GET", "/peers", Operation.ListPeers, KeyReach.Filtered, "Lists who is here.", ListAsync) { Reply = typeof(PeersList) });

    private static async Task ListAsync(RestCall call) =>
        await call.AnswerAsync(await call.AskAsync<ListPeersHandler, ListPeers, PeersList>(new ListPeers()));
}
