using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.TopicKeys;

internal static class TopicKeyMessages
{
    public static MessageRoutes MapTopicKeys(this MessageRoutes routes) => routes
        .Handle<TopicKeyOfferHandler, TopicKeyOffer, TopicKeyState>(Operation.UseTopics);
}
