using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <summary>Who is in a topic, in the order in which they came.</summary>
internal sealed class ListTopicMembersHandler(TopicStore store) : IRequestHandler<TopicMembers, TopicMembersResult>
{
    public async ValueTask<Reply<TopicMembersResult>> HandleAsync(TopicMembers request, Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Workspace.Topics.Find(request.Topic, caller.MemberNo) is not { } topic)
            return MeshError.TopicNotFound;

        List<TopicMember> members = [];
        foreach (TopicStay stay in await store.ListStaysAsync(topic.No, cancellationToken))
        {
            if (caller.Workspace.Members.Find(stay.Member) is { Removed: false } member)
                members.Add(Row(member, stay));
        }

        return new TopicMembersResult(request.Topic, [.. members]);
    }

    private static TopicMember Row(MeshMember member, TopicStay stay) => new(
        member.Id,
        member.Key,
        DisplayName.TryParse(member.DisplayName, out DisplayName name) ? name : DisplayName.Parse("member"),
        stay.Role,
        stay.JoinedAt.ToTime(),
        stay.LastReadAt?.ToTime());
}
