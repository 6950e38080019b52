using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Grants;

internal static class GrantMessages
{
    public static MessageRoutes MapGrants(this MessageRoutes routes) => routes
        .Handle<ChangeGrantsHandler, ChangeGrants, GrantsChanged>(Operation.ChangeOwnGrants)
        .Handle<ListGrantsHandler, ListGrants, GrantsList>(Operation.ChangeOwnGrants);
}
