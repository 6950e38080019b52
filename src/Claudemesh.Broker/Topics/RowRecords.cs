using System.Text;
using System.Text.Unicode;
using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Topics;

/// <summary>Posts as REST and streams show them: the same for everybody.</summary>
internal static class RowRecords
{
    /// <summary>What a row has beside its body: ids, keys, names, a time.</summary>
    private const int BytesBesideBody = 700;

    private const int PlainVersion = 1;

    public static TopicRow Of(Workspace workspace, Topic topic, Message post)
    {
        MeshMember? sender = workspace.Members.Find(post.Sender);
        Envelope envelope = post.Envelope;
        bool isPlain = envelope.BodyVersion <= PlainVersion;
        return new TopicRow(
            workspace.Ids.Of(post.Id),
            sender?.Id ?? default,
            sender is null ? new PublicKey(envelope.SenderKey.Span) : new PublicKey(workspace.Members.KeyOf(sender, envelope.Header)),
            DisplayName.TryParse(sender?.DisplayName, out DisplayName name) ? name : DisplayName.Parse("member"),
            envelope.Nonce,
            envelope.Body,
            envelope.BodyVersion,
            post.ReplyTo is { } parent ? workspace.Ids.Of(parent).ToString() : null,
            post.CreatedAt.ToTime(),
            topic.Name,
            topic.Id,
            post.Id.Position,
            (Priority)post.Lane,
            Encrypted: !isPlain,
            envelope.Header,
            isPlain && Utf8.IsValid(envelope.Body) ? Encoding.UTF8.GetString(envelope.Body) : null);
    }

    /// <summary>About so many bytes, so that a page of them can be kept small.</summary>
    public static int SizeOf(Message post) =>
        (post.Envelope.Size + 2) / 3 * 4 + (post.Envelope.BodyVersion <= PlainVersion ? post.Envelope.Body.Length : 0) + BytesBesideBody;
}
