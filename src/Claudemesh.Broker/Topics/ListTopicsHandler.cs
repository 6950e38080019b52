using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <summary>The topics that the caller may know of, by name. A 1.x client is spared what it would not read.</summary>
internal sealed class ListTopicsHandler(TopicStore store) : IRequestHandler<TopicListRequest, TopicList>
{
    public async ValueTask<Reply<TopicList>> HandleAsync(TopicListRequest request, Caller caller, CancellationToken cancellationToken)
    {
        IEnumerable<Topic> topics = caller.Workspace.Topics.All
            .Where(topic => caller.MaySee(topic) && (request.Archived == true || topic.ArchivedAt is null))
            .OrderBy(topic => topic.Name.Value, StringComparer.Ordinal)
            .ThenBy(topic => topic.No.Value);
        if (caller.Connection?.IsOurs == false)
            return new TopicList([.. topics.Select(topic => TopicNews.LegacyInfo(topic))]);

        Dictionary<TopicNo, TopicFigures> figures = await store.ListFiguresAsync(caller.Workspace.Row.No, caller.MemberNo, cancellationToken);
        return new TopicList([.. topics.Select(topic => TopicNews.InfoFor(
            caller.Workspace, topic, caller.MemberNo, figures.TryGetValue(topic.No, out TopicFigures known) ? known : default))]);
    }
}
