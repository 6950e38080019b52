using System.Collections.Immutable;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Messaging;

/// <summary>What 1.x asks of a message, by its id or the first eight characters and more (wire reference 3.1).</summary>
internal sealed class MessageStatusHandler(IDeliveryLog log) : IRequestHandler<MessageStatus, MessageStatusResult>
{
    private const int UnknownPubkeyChars = 16;

    public async ValueTask<Reply<MessageStatusResult>> HandleAsync(
        MessageStatus request, Caller caller, CancellationToken cancellationToken)
    {
        if (request.MessageId.Length is < 8 or > 32 || !request.MessageId.All(char.IsAsciiLetterOrDigit))
            return MeshError.InvalidArgument;

        if (!caller.Workspace.Ids.TryFindPrefix(request.MessageId, out MessageRef id)
            || await log.FindMessageAsync(id, cancellationToken) is not { } message
            || message.Sender != caller.MemberNo)
        {
            return MeshError.NotFound;
        }

        ImmutableArray<(MailboxNo Mailbox, Outcome? Outcome)> outcomes = await log.ReadOutcomesAsync(id, cancellationToken);
        Outcome? delivered = outcomes.Select(each => each.Outcome).FirstOrDefault(
            outcome => outcome is { State: OutcomeState.Delivered or OutcomeState.Surfaced or OutcomeState.Read });
        return new MessageStatusResult(
            request.MessageId,
            message.Envelope.Target,
            delivered is not null,
            delivered?.At.ToTime(),
            Recipients(caller.Workspace, message, outcomes));
    }

    private static RecipientStatus[] Recipients(
        Workspace workspace, Message message, ImmutableArray<(MailboxNo Mailbox, Outcome? Outcome)> outcomes)
    {
        RecipientStatus[] known = [.. outcomes
            .Select(each => (Owner: workspace.Addresses.Find(each.Mailbox) ?? workspace.FindSeated(each.Mailbox), each.Outcome))
            .Where(each => each.Owner is not null)
            .Select(each => Recipient(workspace, each.Owner!, each.Outcome))];
        if (known.Length > 0)
            return known;

        string target = message.Envelope.Target;
        return [new RecipientStatus("unknown", target[..Math.Min(UnknownPubkeyChars, target.Length)], RecipientState.Disconnected)];
    }

    private static RecipientStatus Recipient(Workspace workspace, MailboxOwner owner, Outcome? outcome)
    {
        RosterPeer? peer = workspace.Roster.FindByRoutingKey(owner.RoutingKey);
        RecipientState state = outcome is not null ? RecipientState.Delivered
            : peer is { Online: true } ? RecipientState.Held
            : RecipientState.Disconnected;
        string name = peer?.Details.DisplayName ?? workspace.Members.Find(owner.Member)?.DisplayName ?? "unknown";
        return new RecipientStatus(name, owner.RoutingKey.ToString(), state);
    }
}
