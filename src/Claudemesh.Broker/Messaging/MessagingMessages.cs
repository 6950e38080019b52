using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Microsoft.Extensions.DependencyInjection;

namespace Claudemesh.Broker.Messaging;

internal static class MessagingMessages
{
    public static MessageRoutes MapMessaging(this MessageRoutes routes) => routes
        .Route<Send>(Operation.Send, services => ActivatorUtilities.CreateInstance<SendRoute>(services))
        .Route<ClientAck>(Operation.Receive, _ => new ClientAckRoute())
        .Notice<MessageProgressHandler, MessageProgress>(Operation.Report)
        .Handle<MessageStatesHandler, MessageStates, MessageStatesResult>(Operation.ReadOwnMessages)
        .Handle<MessageStatusHandler, MessageStatus, MessageStatusResult>(Operation.ReadOwnMessages);
}
