using System.Collections.Immutable;
using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Log;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Notifications;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Topics;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;
using Microsoft.Extensions.Options;

namespace Claudemesh.Broker.Messaging;

/// <summary>
/// Hands a message to the workspace's loop, whose core answers it. A refusal is an <c>ack</c> too, as 1.x expects. Frames
/// of one socket are handed over in the order in which they came.
/// </summary>
internal sealed class SendRoute(Addressing addressing, TopicPosts posts, SendRate rate, IOptions<MessagingOptions> options) : MessageRoute
{
    private readonly int bodyBytesMax = options.Value.BodyBytesMax;

    public override async ValueTask InvokeAsync(
        ReadOnlyMemory<byte> frame, SocketConnection connection, ReadOnlyMemory<byte> requestId, CancellationToken cancellationToken)
    {
        byte[]? answerTo = requestId.IsEmpty ? null : requestId.ToArray();
        if (connection.Caller is { } known && Permissions.Refuse(known, Operation.Send) is { } forbidden)
        {
            Refuse(connection, forbidden, new PendingSend(FindId(frame), answerTo));
            return;
        }

        if (Admit(connection, Operation.Send, requestId) is not { } caller)
            return;

        if (!SendReader.TryRead(frame.Span, out Send? send, out MeshError? refusal))
        {
            Refuse(connection, refusal, new PendingSend(FindId(frame), answerTo));
            return;
        }

        PendingSend names = new(send.Id, answerTo);
        (Address? to, refusal) = await CheckAsync(send, caller, cancellationToken);
        if (to is Address.Group or Address.Tag or Address.Everyone)
            refusal = BodyRules.Check(caller.Workspace.Logs, send);
        MessageRef? replyTo = null;
        ImmutableArray<MemberNo> mentioned = [];
        if (to is Address.Topic topic)
            (replyTo, mentioned, refusal) = await CheckPostAsync(send, caller, topic, cancellationToken);

        if (refusal is not null && !IsOfTheMoment(refusal))
        {
            Refuse(connection, refusal, names);
            return;
        }

        long ticket = connection.PendingSends.Add(names);
        caller.Workspace.Loop.Post(refusal is null ? Submission(send, caller, to!, replyTo, ticket) with { Mentioned = mentioned } : TurnedAway(send, caller, to, refusal, ticket));
        await caller.Workspace.Loop.RoomAsync(cancellationToken);
    }

    private async ValueTask<(Address? To, MeshError? Refusal)> CheckAsync(Send send, Caller caller, CancellationToken cancellationToken)
    {
        if ((send.Header?.Length ?? 0) + send.Nonce.Length + send.Ciphertext.Length > bodyBytesMax)
            return (null, MeshError.PayloadTooLarge);

        if (send.SessionId is { } session && caller.Acting(session) is null)
            return (null, MeshError.SessionNotOpen);

        if (IsOwnUnproven(send, caller))
            return (null, MeshError.OwnSession);

        if (!rate.TryTake(caller.MemberNo))
            return (null, MeshError.RateLimit);

        try
        {
            return await addressing.ResolveAsync(caller.Workspace, send.TargetSpec, caller.MemberNo, cancellationToken);
        }
        catch (DatabaseUnavailableException)
        {
            return (null, MeshError.Unavailable);
        }
    }

    private async ValueTask<(MessageRef? ReplyTo, ImmutableArray<MemberNo> Mentioned, MeshError? Refusal)> CheckPostAsync(
        Send send, Caller caller, Address.Topic to, CancellationToken cancellationToken)
    {
        try
        {
            Topic topic = caller.Workspace.Topics.Find(to.Mailbox)!;
            bool ours = caller.Connection!.IsOurs;
            (MessageRef? replyTo, MeshError? refusal) = await posts.CheckAsync(caller.Workspace, topic, send, ours, cancellationToken);
            (ImmutableArray<MemberNo> mentioned, MeshError? ambiguous) = Mentions.Resolve(caller.Workspace, topic, send, caller.MemberNo, asks: ours);
            return (replyTo, mentioned, refusal ?? ambiguous);
        }
        catch (DatabaseUnavailableException)
        {
            return (null, [], MeshError.Unavailable);
        }
    }

    /// <summary>A session key that nobody attested has no mailbox, by which the core would know that it is the sender's own.</summary>
    private static bool IsOwnUnproven(Send send, Caller caller) =>
        caller.Self?.Identity.SessionKey is { } own && PublicKey.TryParse(send.TargetSpec, out PublicKey target) && target == own;

    /// <summary>What comes after this one must not overtake it, which the core sees to.</summary>
    private static bool IsOfTheMoment(MeshError refusal) =>
        refusal == MeshError.RateLimit || refusal == MeshError.Unavailable || refusal == MeshError.StaleEpoch;

    /// <param name="to">Where it is known: then nothing but what is for the same is held back by this one.</param>
    private static TurnAway TurnedAway(Send send, Caller caller, Address? to, MeshError why, long ticket) =>
        new(OriginOf(caller, ticket, session: null), KeyOf(send), why, to is null ? null : (to, LaneOf(send)));

    private static Lane LaneOf(Send send) => (Lane)(send.Priority ?? Priority.Next);

    private static Submit Submission(Send send, Caller caller, Address to, MessageRef? replyTo, long ticket)
    {
        RosterPeer? peer = caller.Acting(send.SessionId);
        MailboxOwner? session = peer?.Identity.SessionKey is { } key ? caller.Workspace.Addresses.Find(key) : null;
        return new Submit(
            OriginOf(caller, ticket, session?.Mailbox),
            to,
            LaneOf(send),
            new Envelope(
                peer?.Identity.RoutingKeyBytes ?? caller.Member.KeyBytes,
                send.TargetSpec,
                (short)(send.BodyVersion ?? (to is Address.Topic ? 1 : 0)),
                send.Header,
                send.Nonce,
                send.Ciphertext),
            KeyOf(send),
            replyTo,
            Earlier: null);
    }

    private static Origin OriginOf(Caller caller, long ticket, MailboxNo? session) =>
        new(caller.Connection!.No, ticket, caller.MemberNo, session, caller.Connection.Resends);

    private static ClientKey? KeyOf(Send send) =>
        string.IsNullOrEmpty(send.ClientMessageId) ? null : new ClientKey(ClientIds.Bytes(send.ClientMessageId), send.RequestFingerprint);

    private static void Refuse(SocketConnection connection, MeshError refusal, PendingSend names)
    {
        connection.Refuse(refusal, names);
        connection.Outbox.Kick();
    }

    private static string? FindId(ReadOnlyMemory<byte> frame) =>
        FrameHead.TryScan(frame.Span, out FrameHead head) ? head.FindId(frame.Span) : null;
}
