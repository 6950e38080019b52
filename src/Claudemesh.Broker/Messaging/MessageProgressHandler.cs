using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Messaging;

/// <summary>
/// A recipient's signed word that a message surfaced, was read or refused. The signature is checked here so that a broken
/// one is told at once; the sender checks it again, because it need not believe the broker.
/// </summary>
internal sealed class MessageProgressHandler(IDeliveryLog log, TimeProvider clock) : INoticeHandler<MessageProgress>
{
    public async ValueTask<MeshError?> HandleAsync(MessageProgress notice, Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Connection is not { } connection)
            return MeshError.Forbidden;

        if (!caller.Workspace.Ids.TryFind(notice.MessageId, out MessageRef id)
            || await log.FindMessageAsync(id, cancellationToken) is not { } message
            || caller.Workspace.Members.Find(message.Sender) is not { } sender)
        {
            return MeshError.NotFound;
        }

        return message.Envelope.Target is ['#', ..]
            ? OfTopic(notice, caller, connection, message, sender)
            : OfMailbox(notice, caller, connection, message, sender);
    }

    /// <summary>Of a post the member speaks, whichever of its sessions read it: it came to the member.</summary>
    private MeshError? OfTopic(MessageProgress notice, Caller caller, SocketConnection connection, Message message, MeshMember sender)
    {
        if (notice.SessionId is not null)
            return MeshError.InvalidArgs.With("sessionId is invalid here: a post in a topic is for the member, so its word is given without a session.");
        if (caller.Workspace.Topics.FindById(message.Envelope.Target[1..])?.Seats.Find(caller.MemberNo) is not { } seat)
            return MeshError.NotFound;
        if (!IsSigned(notice, caller, session: null, message, sender))
            return MeshError.BadSignature;

        caller.Workspace.Loop.Post(new Progress(connection.No, seat.Mailbox, message, OutcomeOf(notice)));
        return null;
    }

    private MeshError? OfMailbox(MessageProgress notice, Caller caller, SocketConnection connection, Message message, MeshMember sender)
    {
        ReaderView? reader = notice.SessionId is { } session
            ? connection.FindSession(session)
            : connection.Readers.FirstOrDefault(each => each.Session is null);
        if (reader is null)
            return MeshError.SessionNotOpen;

        if (!IsSigned(notice, caller, reader.Owner.Session, message, sender))
            return MeshError.BadSignature;

        caller.Workspace.Loop.Post(new Progress(connection.No, reader.Owner.Mailbox, message, OutcomeOf(notice), reader.No));
        return null;
    }

    private Outcome OutcomeOf(MessageProgress notice) => new(State(notice.State), clock.GetInstant(), notice.Reason, notice.Signature);

    private static bool IsSigned(MessageProgress notice, Caller caller, PublicKey? session, Message message, MeshMember sender)
    {
        ReceiptText text = new(
            caller.Workspace.Id.Value,
            sender.Key,
            ClientIds.Text(message.Key),
            caller.Member.Key,
            session,
            Word(notice.State),
            notice.Reason,
            notice.At);
        return Ed25519.Verify(caller.Member.Key, text, notice.Signature);
    }

    private static string Word(ProgressState state) => state switch
    {
        ProgressState.Surfaced => "surfaced",
        ProgressState.Read => "read",
        _ => "refused",
    };

    private static OutcomeState State(ProgressState state) => state switch
    {
        ProgressState.Surfaced => OutcomeState.Surfaced,
        ProgressState.Read => OutcomeState.Read,
        _ => OutcomeState.Refused,
    };
}
