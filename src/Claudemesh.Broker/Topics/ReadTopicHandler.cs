using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
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

    /// <summary>What a post has in its frame beside its body: ids, keys, a name, a time.</summary>
    private const int BytesBesideBody = 700;

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
            session => HistoryReads.Page(session, page, message => SizeOf(message), bytesMax), cancellationToken);
        return new TopicPage(request.Topic, [.. messages.Select(message => Post(caller.Workspace, message, ours))], ours ? more : null);
    }

    private static int SizeOf(Message message) => (message.Envelope.Size + 2) / 3 * 4 + BytesBesideBody;

    private static TopicPost Post(Workspace workspace, Message message, bool ours)
    {
        MeshMember? sender = workspace.Members.Find(message.Sender);
        TopicPost post = new(
            workspace.Ids.Of(message.Id),
            Convert.ToHexStringLower(message.Envelope.SenderKey.Span),
            sender?.Id ?? default,
            DisplayName.TryParse(sender?.DisplayName, out DisplayName name) ? name : DisplayName.Parse("member"),
            message.Envelope.Nonce,
            message.Envelope.Body,
            message.Envelope.BodyVersion,
            message.CreatedAt.ToTime(),
            message.ReplyTo is { } parent ? workspace.Ids.Of(parent).ToString() : null);
        return !ours ? post : post with
        {
            Header = message.Envelope.Header,
            SenderMemberPubkey = sender is null ? null : new PublicKey(workspace.Members.KeyOf(sender, message.Envelope.Header)),
            ClientMessageId = message.Key is null ? null : ClientIds.Text(message.Key),
            Position = message.Id.Position,
            Priority = (Priority)message.Lane,
        };
    }
}
