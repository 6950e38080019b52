using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Notifications;

/// <summary>That a post is a member's to see, as the broker keeps it. It is gone with the post.</summary>
internal sealed record NotificationRow(NotificationKind Kind, MailboxNo Topic, Message Post, Instant? ReadAt)
{
    public Notification ToWire(Workspace workspace, Topic topic) => new(
        Kind, topic.Id, topic.Name, PostRecords.Of(workspace.Ids, workspace.Members, Post, ours: true), ReadAt?.ToTime());
}

/// <param name="Since">Only those of posts made then or later.</param>
/// <param name="Before">Only those of older posts.</param>
/// <param name="IsSeen">Whether the caller may be shown this topic: who has left a private one is shown nothing of it any more.</param>
internal sealed record NotificationQuery(MemberNo Recipient, bool Unread, Instant? Since, MessageRef? Before, int Count, Func<MailboxNo, bool> IsSeen);
