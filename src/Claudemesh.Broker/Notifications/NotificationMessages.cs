using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Notifications;

internal static class NotificationMessages
{
    public static MessageRoutes MapNotifications(this MessageRoutes routes) => routes
        .Handle<ListNotificationsHandler, NotificationsList, NotificationPage>(Operation.ReadTopics)
        .Handle<ReadNotificationsHandler, NotificationsRead, NotificationsMarked>(Operation.MarkOwnRead);
}
