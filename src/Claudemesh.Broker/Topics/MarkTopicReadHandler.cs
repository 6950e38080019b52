using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <summary>Notes how far the caller has read a topic, and tells his other devices. Of a topic that he is not in nothing is noted.</summary>
internal sealed class MarkTopicReadHandler(TopicStore store, TopicPosts posts) : INoticeHandler<TopicMarkRead>
{
    public async ValueTask<MeshError?> HandleAsync(TopicMarkRead notice, Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Workspace.Topics.Find(notice.Topic, caller.MemberNo) is not { } topic)
            return MeshError.TopicNotFound;

        MessageRef? through = null;
        if (notice.Through is { } id)
        {
            through = await posts.FindCursorAsync(caller.Workspace, topic, id, cancellationToken);
            if (through is null)
                return MeshError.CursorElsewhere;
        }

        if (await store.MarkReadAsync(topic, caller.MemberNo, through?.Position, cancellationToken) is { } figures)
            TopicNews.Tell(caller.Workspace, topic, caller.MemberNo, figures);
        return null;
    }
}
