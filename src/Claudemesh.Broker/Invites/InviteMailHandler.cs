using System.Text.Json.Nodes;
using Claudemesh.Broker.Accounts;
using Claudemesh.Broker.Accounts.Mail;
using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Invites;

/// <summary>Writes an invite to somebody. The address is in the letter and nowhere else.</summary>
internal sealed class InviteMailHandler(LogInvites invites, AccountMail mail, PublicAddress address, AuditStore audit, TimeProvider clock)
    : IRequestHandler<InviteMail, InviteMailed>
{
    private const int LettersAtOnce = 20;
    private const double LettersPerSecond = 1.0 / 180;

    private readonly TokenBuckets<MeshNo> rate = new(LettersPerSecond, LettersAtOnce, clock);

    public async ValueTask<Reply<InviteMailed>> HandleAsync(InviteMail request, Caller caller, CancellationToken cancellationToken)
    {
        if (!mail.IsOn)
            return MeshError.MailAbsent;
        if (await invites.FindAsync(request.InviteId, cancellationToken) is not { } found || found.Workspace != caller.Workspace)
            return MeshError.InviteNotFound;
        if (found.WhyClosed(clock) is { } closed)
            return closed;
        if (!rate.TryTake(caller.Workspace.Row.No))
            return MeshError.InviteMailRate;

        mail.WriteInvite(request.Email, caller.Workspace.Row.Name, caller.Member.DisplayName, address.LinkTo($"/i/{request.InviteId}"));
        await audit.AppendAsync(
            caller.Workspace.Row.No, new AuditEvent(AuditTypes.InviteMailed, AuditActor.Of(caller), new JsonObject { ["invite"] = request.InviteId.Value }), cancellationToken);
        return new InviteMailed(request.InviteId);
    }
}
