using System.Globalization;
using Claudemesh.Daemon.Notifications;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Api;

/// <summary>Posts that mention this person.</summary>
internal sealed class NotificationEndpoints(NotificationActions actions)
{
    public Task ListAsync(HttpContext context) => LocalHttp.AnswerAsync(context, (scope, token) => ListAsync(context, scope, token), LocalJson.Default.MyNotificationList);

    public Task MarkAsync(HttpContext context) => LocalHttp.AnswerAsync(
        context,
        LocalJson.Default.MarkNotifications,
        body => body.Workspace,
        (body, scope, token) => actions.MarkAsync(body with { Workspace = scope.Workspace }, token),
        LocalJson.Default.MarkedNotifications);

    private async Task<LocalReply<MyNotificationList>> ListAsync(HttpContext context, Scope scope, CancellationToken cancellationToken)
    {
        int count = LocalLimits.PostPageDefault;
        if (LocalHttp.Query(context, "limit") is { } limit
            && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > LocalLimits.PostPageMax))
            return LocalHttp.Invalid($"limit is 1 to {LocalLimits.PostPageMax}.");
        if (!LocalHttp.TryFlag(context, "unread", out bool unread))
            return LocalHttp.Invalid("unread is true or false.");

        DateTimeOffset? since = null;
        if (LocalHttp.Query(context, "since") is { } typed)
        {
            if (!DateTimeOffset.TryParse(typed, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
                return LocalHttp.Invalid("since is a time in ISO 8601, such as 2026-01-31T12:00Z.");
            since = time;
        }

        return await actions.ListAsync(new NotificationQuery(unread, since, count, scope.Workspace), cancellationToken);
    }
}
