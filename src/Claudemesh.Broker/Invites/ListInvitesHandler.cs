using Claudemesh.Broker.Messaging;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Storage;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Invites;

/// <summary>The invites that can still be used, newest first.</summary>
internal sealed class ListInvitesHandler(InviteStore invites, TimeProvider clock) : IRequestHandler<ListInvites, InvitesList>
{
    public async ValueTask<Reply<InvitesList>> HandleAsync(ListInvites request, Caller caller, CancellationToken cancellationToken)
    {
        MemberBook members = caller.Workspace.Members;
        List<InviteRow> open = await invites.ListOpenAsync(caller.Workspace.Row.No, clock.GetInstant(), cancellationToken);
        return new InvitesList([.. open.Select(row => new OpenInvite(
            row.Id,
            row.Role,
            row.UsesLeft,
            row.UsesMax,
            row.CreatedAt.ToTime(),
            row.ExpiresAt.ToTime(),
            members.Find(row.CreatedBy)?.DisplayName ?? ""))]);
    }
}
