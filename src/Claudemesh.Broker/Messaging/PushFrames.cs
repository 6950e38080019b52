using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;
using Push = Claudemesh.Broker.Messaging.Delivery.Push;

namespace Claudemesh.Broker.Messaging;

/// <summary>
/// Puts what the core lets out into frames. A push has three forms: ours; the 1.x form of a direct message; and the 1.x
/// form of a live multicast, which names the sender's member and is the same for everybody, so it is encoded once.
/// </summary>
internal sealed class PushFrames(MeshId mesh, MessageIds ids, MemberBook members, TopicBook topics)
{
    public static SharedFrame Accepted(SubmitResult.Accepted accepted, MessageId id, PendingSend send)
    {
        FrameEncoder.PooledWriter writer = FrameEncoder.Start();
        AckWriter.WriteAccepted(writer, send.Id, id.Utf8, accepted.Recipients, accepted.Again, send.RequestId);
        return writer.Finish();
    }

    public static SharedFrame Refused(MeshError error, PendingSend send)
    {
        FrameEncoder.PooledWriter writer = FrameEncoder.Start();
        AckWriter.WriteRefused(writer, send.Id, error, send.RequestId);
        return writer.Finish();
    }

    public SharedFrame Push(Push push, ReaderView reader, bool ours)
    {
        if (ours)
            return OursOrShared(push, reader.Session);

        // What waited for an absent 1.x peer goes in the direct form, without the client id (delivery engine, 12).
        if (!IsMulticast(push.Message.Envelope.Target))
            return Direct(push.Message, withClientId: true);

        if (push.Again || push.Message.CreatedAt < reader.Since)
            return Direct(push.Message, withClientId: false);

        MulticastFrames frames = Frames(push.Message);
        return (frames.Legacy ??= Multicast(push.Message)).Share();
    }

    /// <summary>
    /// A post in a topic. The 1.x form is that of a direct message with the topic's name and how to read the body (wire reference 7.4); it is
    /// the same for everybody and at each repeat.
    /// </summary>
    public SharedFrame PushTopic(Push push, bool ours)
    {
        if (ours)
            return OursOrShared(push, session: null);

        MulticastFrames frames = Frames(push.Message);
        return (frames.Legacy ??= LegacyPost(push)).Share();
    }

    public static bool IsOfTopic(Push push) => push.Message.Envelope.Target is ['#', ..];

    public static SharedFrame Receipt(Notify notify, MessageId id, MailboxOwner? recipient)
    {
        Receipt receipt = new(
            id,
            notify.Tally.Recipients,
            notify.Tally.Delivered,
            notify.Tally.Surfaced,
            notify.Tally.Read,
            notify.Tally.Refused,
            notify.Tally.Expired);

        if (notify.Signed is not { } signed || recipient is null)
            return FrameEncoder.Encode(receipt);

        return FrameEncoder.Encode(receipt with
        {
            RecipientPubkey = recipient.MemberKey,
            RecipientSessionPubkey = recipient.Session,
            State = signed.State switch
            {
                OutcomeState.Surfaced => ProgressState.Surfaced,
                OutcomeState.Read => ProgressState.Read,
                _ => ProgressState.Refused,
            },
            Reason = signed.Reason,
            At = signed.At.Micros / 1000,
            Signature = signed.Proof,
        });
    }

    private static bool IsMulticast(string target) => target is ['*' or '@' or '#', ..] || target.StartsWith("tag:", StringComparison.Ordinal);

    /// <summary>
    /// Readers that were pushed the same entries before get the same bytes, so a broadcast to a thousand is encoded once.
    /// </summary>
    private SharedFrame OursOrShared(Push push, SessionId? session)
    {
        if (push.Again || session is not null || !IsMulticast(push.Message.Envelope.Target))
            return Ours(push, session);

        MulticastFrames frames = Frames(push.Message);
        (long, long) place = (push.Entry.Position, push.Previous);
        if (frames.Ours is null || frames.OursPlace != place)
        {
            // The one that is replaced goes to the collector, not to the pool: outboxes may still hold it.
            frames.Ours = Ours(push, session);
            frames.OursPlace = place;
        }

        return frames.Ours.Share();
    }

    private static MulticastFrames Frames(Message message)
    {
        MulticastFrames frames = message.Frames as MulticastFrames ?? new MulticastFrames();
        message.Frames = frames;
        return frames;
    }

    private SharedFrame Ours(Push push, SessionId? session)
    {
        Message message = push.Message;
        MessageId id = ids.Of(message.Id);
        MeshMember? sender = members.Find(message.Sender);
        MessageId parent = message.ReplyTo is { } replied ? ids.Of(replied) : default;
        Span<byte> clientId = stackalloc byte[ClientIds.TextBytesMax];
        PushParts parts = new()
        {
            MessageId = id.Utf8,
            MeshId = mesh,
            SenderKey = message.Envelope.SenderKey.Span,
            Nonce = message.Envelope.Nonce,
            Ciphertext = message.Envelope.Body,
            CreatedAt = message.CreatedAt.ToTime(),
            Priority = (Priority)message.Lane,
            SenderMemberKey = sender is null ? [] : members.KeyOf(sender, message.Envelope.Header),
            SenderName = sender?.DisplayName,
            ClientMessageId = ClientIds.Write(message.Key, clientId),
            RequestFingerprint = message.Key?.Fingerprint,
            BodyVersion = message.Envelope.BodyVersion,
            Header = message.Envelope.Header,
            Target = message.Envelope.Target,
            Topic = IsOfTopic(push) ? topics.Find(push.Entry.Mailbox)?.Name.Value : null,
            ReplyToId = message.ReplyTo is null ? [] : parent.Utf8,
        };
        FrameEncoder.PooledWriter writer = FrameEncoder.Start();
        PushWriter.Write(writer, parts, new PushTail(push.Entry.Position, push.Previous, push.Again, session));
        return writer.Finish();
    }

    private SharedFrame LegacyPost(Push push)
    {
        Message message = push.Message;
        MessageId id = ids.Of(message.Id);
        MessageId parent = message.ReplyTo is { } replied ? ids.Of(replied) : default;
        Span<byte> clientId = stackalloc byte[ClientIds.TextBytesMax];
        PushParts parts = new()
        {
            MessageId = id.Utf8,
            MeshId = mesh,
            SenderKey = message.Envelope.SenderKey.Span,
            Nonce = message.Envelope.Nonce,
            Ciphertext = message.Envelope.Body,
            CreatedAt = message.CreatedAt.ToTime(),
            Priority = (Priority)message.Lane,
            ClientMessageId = ClientIds.Write(message.Key, clientId),
            RequestFingerprint = message.Key?.Fingerprint,
            Topic = topics.Find(push.Entry.Mailbox)?.Name.Value,
            ReplyToId = message.ReplyTo is null ? [] : parent.Utf8,
            BodyVersion = message.Envelope.BodyVersion,
        };
        FrameEncoder.PooledWriter writer = FrameEncoder.Start();
        PushWriter.Write(writer, parts, default);
        return writer.Finish();
    }

    private SharedFrame Direct(Message message, bool withClientId)
    {
        MessageId id = ids.Of(message.Id);
        Span<byte> clientId = stackalloc byte[ClientIds.TextBytesMax];
        PushParts parts = new()
        {
            MessageId = id.Utf8,
            MeshId = mesh,
            SenderKey = message.Envelope.SenderKey.Span,
            Nonce = message.Envelope.Nonce,
            Ciphertext = message.Envelope.Body,
            CreatedAt = message.CreatedAt.ToTime(),
            Priority = (Priority)message.Lane,
            ClientMessageId = withClientId ? ClientIds.Write(message.Key, clientId) : [],
            RequestFingerprint = withClientId ? message.Key?.Fingerprint : null,
        };
        FrameEncoder.PooledWriter writer = FrameEncoder.Start();
        PushWriter.Write(writer, parts, default);
        return writer.Finish();
    }

    private SharedFrame Multicast(Message message)
    {
        MessageId id = ids.Of(message.Id);
        MeshMember? sender = members.Find(message.Sender);
        PushParts parts = new()
        {
            MessageId = id.Utf8,
            MeshId = mesh,
            SenderKey = message.Envelope.SenderKey.Span,
            Nonce = message.Envelope.Nonce,
            Ciphertext = message.Envelope.Body,
            CreatedAt = message.CreatedAt.ToTime(),
            Priority = (Priority)message.Lane,
            SenderMemberKey = sender is null ? [] : sender.KeyBytes,
            SenderMemberId = sender?.Id,
            SenderName = sender?.DisplayName,
        };
        FrameEncoder.PooledWriter writer = FrameEncoder.Start();
        PushWriter.Write(writer, parts, default);
        return writer.Finish();
    }

    /// <summary>The frames of one multicast that many connections are sent.</summary>
    private sealed class MulticastFrames
    {
        public SharedFrame? Legacy { get; set; }

        public SharedFrame? Ours { get; set; }

        public (long Position, long Previous) OursPlace { get; set; }
    }
}
