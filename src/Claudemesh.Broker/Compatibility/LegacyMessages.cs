using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Compatibility;

internal static class LegacyMessages
{
    public static MessageRoutes MapLegacy(this MessageRoutes routes) => routes
        .Handshake<HelloHandler, Hello>()
        .Handshake<SessionHelloHandler, SessionHello>();
}
