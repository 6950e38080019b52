using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Presence;

internal static class PresenceMessages
{
    public static MessageRoutes MapPresence(this MessageRoutes routes) => routes
        .Handle<ListPeersHandler, ListPeers, PeersList>(Operation.ListPeers)
        .Notice<SetStatusHandler, SetStatus>(Operation.ChangeOwnPresence)
        .Notice<SetSummaryHandler, SetSummary>(Operation.ChangeOwnPresence)
        .Handle<SetVisibleHandler, SetVisible, Ack>(Operation.ChangeOwnPresence)
        .Handle<SetProfileHandler, SetProfile, Ack>(Operation.ChangeOwnPresence)
        .Notice<SetStatsHandler, SetStats>(Operation.ChangeOwnPresence);
}
