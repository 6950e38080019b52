using Claudemesh.Broker.Log;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <summary>Takes the caller out of a topic: nothing more of it reaches him. One that has a log is left by a record of it, or the log would say otherwise.</summary>
internal sealed class LeaveTopicHandler(TopicStore store, TopicSeating seating) : INoticeHandler<TopicLeave>
{
    public async ValueTask<MeshError?> HandleAsync(TopicLeave notice, Caller caller, CancellationToken cancellationToken)
    {
        using var turn = await caller.Workspace.Logs.EnterAsync(cancellationToken);
        if (caller.Workspace.Topics.Find(notice.Topic, caller.MemberNo) is not { } topic)
            return MeshError.TopicNotFound;
        if (topic.IsGeneral)
            return MeshError.GeneralStays;

        if (!topic.IsPublic)
        {
            ScopeState log = await caller.Workspace.Logs.GetInTurnAsync(topic.Scope, cancellationToken);
            if (!log.IsEmpty)
                return MeshError.TopicHasLog;
        }

        if (await store.LeaveAsync(topic.No, caller.MemberNo, cancellationToken))
            await seating.RefreshAsync(caller.Workspace, caller.MemberNo, cancellationToken);
        return null;
    }
}
