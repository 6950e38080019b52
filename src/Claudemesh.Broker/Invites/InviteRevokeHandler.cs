using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Invites;

/// <summary>Ends an open invite. One that has ended already is not found: there is nothing left to end.</summary>
internal sealed partial class InviteRevokeHandler(InviteStore invites, ILogger<InviteRevokeHandler> logger) : IRequestHandler<InviteRevoke, InviteEnded>
{
    public async ValueTask<Reply<InviteEnded>> HandleAsync(InviteRevoke request, Caller caller, CancellationToken cancellationToken)
    {
        (InviteId? revoked, MeshError? refusal) = await invites.RevokeAsync(caller.Workspace.Row.No, request.InviteId, cancellationToken);
        if (revoked is not { } id)
            return refusal!;

        LogRevoked(caller.Member.Id.Value, id.Value);
        return new InviteEnded(id);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Member {Member} revoked invite {Invite}")]
    private partial void LogRevoked(string member, string invite);
}
