using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Invites;

/// <summary>Ends an open invite. One that has ended already is not found: there is nothing left to end.</summary>
internal sealed partial class InviteRevokeHandler(InviteStore invites, TimeProvider clock, ILogger<InviteRevokeHandler> logger) : IRequestHandler<InviteRevoke, InviteEnded>
{
    public async ValueTask<Reply<InviteEnded>> HandleAsync(InviteRevoke request, Caller caller, CancellationToken cancellationToken)
    {
        if (FindInLog(caller, request.InviteId) is { } signed)
            return MeshError.InviteInLog.With($"Ending invite {signed} so is invalid: it is a record of the signed log. Append uninvite for it.");

        (InviteId? revoked, MeshError? refusal) = await invites.RevokeAsync(caller.Workspace.Row.No, request.InviteId, cancellationToken, AuditActor.Of(caller));
        if (revoked is not { } id)
            return refusal!;

        LogRevoked(caller.Member.Id.Value, id.Value);
        return new InviteEnded(id);
    }

    private string? FindInLog(Caller caller, InviteId begins)
    {
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return caller.Workspace.Logs.Mesh.Log.Invites
            .Where(invite => invite.Key.StartsWith(begins.Value, StringComparison.Ordinal) && invite.Value.IsOpenAt(now))
            .Select(static invite => invite.Key)
            .FirstOrDefault();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Member {Member} revoked invite {Invite}")]
    private partial void LogRevoked(string member, string invite);
}
