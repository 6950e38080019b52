using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Topics;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Notifications;

/// <summary>Marks notifications as read: those of the ids, of a topic, or of every topic that the caller may be shown.</summary>
internal sealed class ReadNotificationsHandler(NotificationStore store, TimeProvider clock) : IRequestHandler<NotificationsRead, NotificationsMarked>
{
    public async ValueTask<Reply<NotificationsMarked>> HandleAsync(NotificationsRead request, Caller caller, CancellationToken cancellationToken)
    {
        if ((request.Ids is null ? 0 : 1) + (request.Topic is null ? 0 : 1) + (request.All == true ? 1 : 0) != 1)
            return MeshError.InvalidArgs.With("What to mark is invalid: exactly one of ids, topic and all must be given.");
        if (request is { Ids: not null, Before: not null })
            return MeshError.InvalidArgs.With("before is invalid with ids: it is for topic and all.");

        Instant now = clock.GetInstant();
        if (request.Ids is { } ids)
        {
            // An id that this broker did not make, or of another's notification, marks nothing, and the count says so.
            List<MessageRef> posts = [];
            foreach (MessageId id in ids)
            {
                if (caller.Workspace.Ids.TryFind(id, out MessageRef post))
                    posts.Add(post);
            }

            return new NotificationsMarked(await store.MarkReadAsync(caller.MemberNo, posts, topic => IsSeen(caller, topic), cancellationToken), now.ToTime());
        }

        List<MailboxNo> topics = [];
        if (request.Topic is { } name)
        {
            if (caller.Workspace.Topics.Find(name, caller.MemberNo) is not { } topic)
                return MeshError.TopicNotFound;
            if (!caller.MaySee(topic))
                return MeshError.ApiKeyTopicOutOfScope;

            topics.Add(topic.Mailbox);
        }
        else
        {
            topics.AddRange((await store.CountUnreadAsync(caller.MemberNo, cancellationToken)).Keys.Where(topic => IsSeen(caller, topic)));
        }

        int changed = 0;
        foreach (MailboxNo topic in topics)
            changed += await store.MarkReadAsync(caller.MemberNo, topic, request.Before?.ToInstant() ?? now, cancellationToken);

        return new NotificationsMarked(changed, now.ToTime());
    }

    private static bool IsSeen(Caller caller, MailboxNo mailbox) => caller.Workspace.Topics.Find(mailbox) is Topic topic && caller.MaySee(topic);
}
