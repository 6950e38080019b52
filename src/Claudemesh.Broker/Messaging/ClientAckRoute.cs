using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging;

/// <summary>
/// A recipient has stored a push. Either id will do, the broker's wins; an acknowledgement of what this reader was not
/// pushed is ignored by the core. Never answered.
/// </summary>
internal sealed class ClientAckRoute : MessageRoute
{
    public override ValueTask InvokeAsync(
        ReadOnlyMemory<byte> frame, SocketConnection connection, ReadOnlyMemory<byte> requestId, CancellationToken cancellationToken)
    {
        if (Admit(connection, Operation.Receive, requestId) is not { } caller)
            return ValueTask.CompletedTask;

        if (ClientAckReader.TryReadMessageId(frame.Span, out MessageId one) && caller.Workspace.Ids.TryReadUnproven(one, out MessageRef pushed))
        {
            caller.Workspace.Loop.Post(new Acknowledge(connection.No, pushed, ClientId: null, Reader: null));
            return caller.Workspace.Loop.RoomAsync(cancellationToken);
        }

        if (!ClientAckReader.TryRead(frame.Span, out ClientAck? ack, out MeshError? refusal))
        {
            connection.Refuse(refusal, requestId.Span);
            return ValueTask.CompletedTask;
        }

        MessageRef? message = ack.BrokerMessageId is { } id && caller.Workspace.Ids.TryFindPrefix(id, out MessageRef known) ? known : null;
        byte[]? clientId = message is null && !string.IsNullOrEmpty(ack.ClientMessageId) ? ClientIds.Bytes(ack.ClientMessageId) : null;
        if (message is null && clientId is null)
            return ValueTask.CompletedTask;

        ReaderNo? reader = ack.SessionId is { } session ? connection.FindSession(session)?.No : null;
        caller.Workspace.Loop.Post(new Acknowledge(connection.No, message, clientId, reader));
        return caller.Workspace.Loop.RoomAsync(cancellationToken);
    }
}
