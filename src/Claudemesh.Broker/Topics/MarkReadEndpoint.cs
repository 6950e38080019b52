using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Rest;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <summary>
/// Notes over REST how far the key's issuer has read a topic. A mark needs a place in the topic, and 1.x gave one to whoever asked: so does this
/// in a public topic, since a page that shows it marks it, but only for a key that may join. A key that may only read changes nothing of what
/// its issuer's other devices get.
/// </summary>
internal sealed class MarkReadEndpoint(TopicStore store)
{
    public const string Through = "through";

    public async Task HandleAsync(RestCall call)
    {
        string? through = call.Text(Through, WireId.CharsMax);
        if ((call.Fault ?? await MarkAsync(call, through)) is { } refusal)
        {
            await call.RefuseAsync(refusal);
            return;
        }

        Topic topic = call.Topic!;
        TopicStay? stay = await store.FindStayAsync(topic.No, call.Caller.MemberNo, call.Aborted);
        await (stay is { LastReadAt: { } at }
            ? call.AnswerAsync(new TopicRead(topic.Name, topic.Id, at.ToTime(), stay.LastReadPosition))
            : call.RefuseAsync(MeshError.NotInTopic));
    }

    private static async ValueTask<MeshError?> MarkAsync(RestCall call, string? through)
    {
        Topic topic = call.Topic!;
        if (topic.RoleOf(call.Caller.MemberNo) is null)
        {
            if (topic.ArchivedAt is not null || Permissions.Refuse(call.Caller, Operation.UseTopics) is not null)
                return MeshError.NotInTopic;
            if (await call.TellAsync<JoinTopicHandler, TopicJoin>(new TopicJoin(topic.Id)) is { } refusal)
                return refusal;
        }

        return await call.TellAsync<MarkTopicReadHandler, TopicMarkRead>(new TopicMarkRead(topic.Id, through));
    }
}
