using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Notifications;

/// <summary>The posts that mention the caller, newest first. What he may not see any more is neither listed nor counted.</summary>
internal sealed class ListNotificationsHandler(NotificationStore store, IOptions<SocketOptions> sockets) : IRequestHandler<NotificationsList, NotificationPage>
{
    private readonly int bytesMax = sockets.Value.FrameBytesMax - 4 * 1024;

    public async ValueTask<Reply<NotificationPage>> HandleAsync(NotificationsList request, Caller caller, CancellationToken cancellationToken)
    {
        Workspace workspace = caller.Workspace;
        MessageRef? before = null;
        if (request.BeforeId is { } id)
        {
            if (!workspace.Ids.TryFind(id, out MessageRef found))
                return MeshError.InvalidArgs.With("beforeId is invalid: it must be the id of a post of the page before.");

            before = found;
        }

        NotificationQuery query = new(
            caller.MemberNo, request.Unread == true, request.Since?.ToInstant(), before, request.Count ?? NotificationsList.CountUsual, topic => IsSeen(caller, topic));
        (List<NotificationRow> rows, bool more) = await store.ListAsync(query, bytesMax, cancellationToken);
        int unread = (await store.CountUnreadAsync(caller.MemberNo, cancellationToken)).Where(one => IsSeen(caller, one.Key)).Sum(one => one.Value);
        return new NotificationPage(
            [.. rows.Select(row => row.ToWire(workspace, workspace.Topics.Find(row.Topic)!))], Math.Min(unread, NotificationStore.UnreadMax), more);
    }

    private static bool IsSeen(Caller caller, MailboxNo topic) => caller.Workspace.Topics.Find(topic) is { } known && caller.MaySee(known);
}
