using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <summary>
/// Joins the caller to a public topic; joining twice changes nothing. Into a private one its lead admits by its log, and one without a log,
/// which only a 1.x client can make, has its maker alone.
/// </summary>
internal sealed class JoinTopicHandler(TopicStore store, TopicSeating seating) : INoticeHandler<TopicJoin>
{
    public async ValueTask<MeshError?> HandleAsync(TopicJoin notice, Caller caller, CancellationToken cancellationToken)
    {
        using var turn = await caller.Workspace.Logs.EnterAsync(cancellationToken);
        if (caller.Workspace.Topics.Find(notice.Topic, caller.MemberNo) is not { } topic)
            return MeshError.TopicNotFound;

        // Nobody makes himself lead by asking for it (wire reference 7.3, 11).
        TopicRole role = notice.Role is TopicRole.Observer ? TopicRole.Observer : TopicRole.Member;
        if (!topic.IsPublic || topic.RoleOf(caller.MemberNo) is { } now && (now == role || now is TopicRole.Lead))
            return null;
        if (topic.ArchivedAt is not null)
            return MeshError.TopicArchived.With("Joining is forbidden: the topic is archived. Its lead can bring it back; its history can be read as before.");

        MeshError? refusal = await store.JoinAsync(caller.Workspace.Row.No, topic, caller.MemberNo, role, cancellationToken);
        if (refusal is null)
            await seating.RefreshAsync(caller.Workspace, caller.MemberNo, cancellationToken);
        return refusal;
    }
}
