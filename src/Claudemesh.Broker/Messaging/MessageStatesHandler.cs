using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging;

/// <summary>How far own messages have come; somebody else's are answered as if they did not exist.</summary>
internal sealed class MessageStatesHandler(IDeliveryLog log) : IRequestHandler<MessageStates, MessageStatesResult>
{
    public async ValueTask<Reply<MessageStatesResult>> HandleAsync(
        MessageStates request, Caller caller, CancellationToken cancellationToken)
    {
        MessageStateRow[] rows = new MessageStateRow[request.MessageIds.Length];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = await ReadAsync(request.MessageIds[i], caller, cancellationToken);

        return new MessageStatesResult(rows);
    }

    private async ValueTask<MessageStateRow> ReadAsync(MessageId id, Caller caller, CancellationToken cancellationToken)
    {
        if (!caller.Workspace.Ids.TryFind(id, out MessageRef found)
            || await log.FindMessageAsync(found, cancellationToken) is not { } message
            || message.Sender != caller.MemberNo)
        {
            return new MessageStateRow(id, Found: false, 0, 0, 0, 0, 0, 0);
        }

        Tally tally = OutcomeCount.Of(message.Recipients, await log.ReadOutcomesAsync(found, cancellationToken));
        return new MessageStateRow(
            id, Found: true, tally.Recipients, tally.Delivered, tally.Surfaced, tally.Read, tally.Refused, tally.Expired);
    }
}
