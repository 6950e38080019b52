using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Storage;
using Claudemesh.Protocol;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Topics;

/// <summary>
/// A page of a topic's history. A message's id is a cursor: positions neither tie nor change, so nothing is skipped or repeated. A page
/// is cut where its frame would be larger than one that this broker reads.
/// </summary>
internal sealed class ReadTopicHandler(Database database, TopicPosts posts, IOptions<SocketOptions> sockets) : IRequestHandler<TopicHistory, TopicPage>
{
    public const int CountMax = 200;

    private const int CountUsual = 50;

    private readonly int bytesMax = sockets.Value.FrameBytesMax - 4 * 1024;

    public async ValueTask<Reply<TopicPage>> HandleAsync(TopicHistory request, Caller caller, CancellationToken cancellationToken)
    {
        bool ours = caller.Connection?.IsOurs != false;
        if (caller.Workspace.Topics.Find(request.Topic, caller.MemberNo) is not { } topic)
            return MeshError.TopicNotFound;
        if (ours && request.Count is < 1 or > CountMax)
            return MeshError.InvalidArgs.With($"limit is invalid: it must be 1 to {CountMax}.");

        MessageRef? from = null;
        if ((request.BeforeId ?? request.AfterId) is { } id)
        {
            from = await posts.FindCursorAsync(caller.Workspace, topic, id, cancellationToken);
            if (from is null)
                return MeshError.CursorElsewhere;
        }

        HistoryPage page = new(
            topic.Mailbox,
            request.AfterId is null ? HistoryOrder.NewestFirst : HistoryOrder.OldestFirst,
            from?.Position,
            Math.Clamp(request.Count ?? CountUsual, 1, CountMax));
        (List<Message> messages, bool more) = await database.ReadAsync(
            session => HistoryReads.Page(session, page, PostRecords.SizeOf, bytesMax), cancellationToken);
        return new TopicPage(request.Topic, [.. messages.Select(message => PostRecords.Of(caller.Workspace.Ids, caller.Workspace.Members, message, ours))], ours ? more : null);
    }
}
