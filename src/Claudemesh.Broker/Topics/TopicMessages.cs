using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

internal static class TopicMessages
{
    public static MessageRoutes MapTopics(this MessageRoutes routes) => routes
        .Handle<CreateTopicHandler, TopicCreate, TopicCreated>(Operation.UseTopics)
        .Handle<ListTopicsHandler, TopicListRequest, TopicList>(Operation.ReadTopics)
        .Notice<JoinTopicHandler, TopicJoin>(Operation.UseTopics)
        .Notice<LeaveTopicHandler, TopicLeave>(Operation.UseTopics)
        .Handle<ListTopicMembersHandler, TopicMembers, TopicMembersResult>(Operation.ReadTopics)
        .Handle<ReadTopicHandler, TopicHistory, TopicPage>(Operation.ReadTopics)
        .Notice<MarkTopicReadHandler, TopicMarkRead>(Operation.MarkOwnRead)
        .Handle<UpdateTopicHandler, TopicUpdate, TopicUpdated>(Operation.UseTopics);
}
