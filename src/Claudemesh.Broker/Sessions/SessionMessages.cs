using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Sessions;

internal static class SessionMessages
{
    public static MessageRoutes MapSessions(this MessageRoutes routes) => routes
        .Handle<SessionOpenHandler, SessionOpen, SessionOpened>(Operation.OpenSession)
        .Handle<SessionCloseHandler, SessionClose, SessionClosed>(Operation.OpenSession);
}
