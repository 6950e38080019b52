using System.Globalization;

namespace Claudemesh.Local;

/// <content>Posts that mention this person.</content>
public sealed partial class LocalClient
{
    public Task<LocalReply<MyNotificationList>> ListNotificationsAsync(NotificationQuery query, CancellationToken cancellationToken) => GetAsync(
        new Query(LocalRoutes.Notifications)
            .With("workspace", query.Workspace)
            .With("unread", Text(query.Unread))
            .With("since", query.Since?.ToString("O", CultureInfo.InvariantCulture))
            .With("limit", query.Count.ToString(CultureInfo.InvariantCulture))
            .ToString(),
        LocalJson.Default.MyNotificationList,
        cancellationToken);

    public Task<LocalReply<MarkedNotifications>> MarkNotificationsAsync(MarkNotifications request, CancellationToken cancellationToken) =>
        PostAsync(LocalRoutes.NotificationsRead, request, LocalJson.Default.MarkNotifications, LocalJson.Default.MarkedNotifications, cancellationToken);
}
