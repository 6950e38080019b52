using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <summary>A post as clients are given it: in a page of its topic's history, or with a notification.</summary>
internal static class PostRecords
{
    /// <summary>What a post has in its frame beside its body: ids, keys, a name, a time.</summary>
    private const int BytesBesideBody = 700;

    public static int SizeOf(Message post) => (post.Envelope.Size + 2) / 3 * 4 + BytesBesideBody;

    /// <param name="ours">False: without what 1.x does not know.</param>
    public static TopicPost Of(MessageIds ids, MemberBook members, Message message, bool ours)
    {
        MeshMember? sender = members.Find(message.Sender);
        TopicPost post = new(
            ids.Of(message.Id),
            Convert.ToHexStringLower(message.Envelope.SenderKey.Span),
            sender?.Id ?? default,
            DisplayName.TryParse(sender?.DisplayName, out DisplayName name) ? name : DisplayName.Parse("member"),
            message.Envelope.Nonce,
            message.Envelope.Body,
            message.Envelope.BodyVersion,
            message.CreatedAt.ToTime(),
            message.ReplyTo is { } parent ? ids.Of(parent).ToString() : null);
        return !ours ? post : post with
        {
            Header = message.Envelope.Header,
            SenderMemberPubkey = sender is null ? null : new PublicKey(members.KeyOf(sender, message.Envelope.Header)),
            ClientMessageId = message.Key is null ? null : ClientIds.Text(message.Key),
            Position = message.Id.Position,
            Priority = (Priority)message.Lane,
        };
    }
}
