using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Handshake;

internal static class HandshakeMessages
{
    public static MessageRoutes MapHandshake(this MessageRoutes routes) => routes
        .Handshake<MemberHelloHandler, MemberHello>();
}
