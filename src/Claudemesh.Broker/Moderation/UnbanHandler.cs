using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Crypto;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Moderation;

/// <summary>Lets a banned member in again, as it was. Who banned whom does not matter: the rank of the banned does.</summary>
internal sealed partial class UnbanHandler(MemberRemoval removal, ILogger<UnbanHandler> logger) : IRequestHandler<Unban, UnbanAck>
{
    public async ValueTask<Reply<UnbanAck>> HandleAsync(Unban request, Caller caller, CancellationToken cancellationToken)
    {
        (MeshMember? banned, MeshError? refusal) = PeerSearch.FindBanned(caller.Workspace, request.Target);
        if (banned is null)
            return refusal!;

        if (Rank.Refuse(caller, banned, "unban") is { } forbidden)
            return forbidden;

        // What the log has removed the log alone lets in again.
        Membership log = caller.Workspace.Logs.Mesh.Log;
        if (log.Keys.ContainsKey(banned.Key) && !log.Members.ContainsKey(banned.Key))
            return MeshError.Forbidden.With($"To unban {banned.DisplayName} so is forbidden: the signed log has removed its key. Append admit for it.");

        await removal.ReturnAsync(caller.Workspace, banned, AuditActor.Of(caller), cancellationToken);
        LogUnbanned(caller.Member.Id.Value, banned.Id.Value, caller.Workspace.Id.Value);
        return new UnbanAck(banned.DisplayName, banned.Key);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Member {Member} let member {Unbanned} into workspace {Mesh} again")]
    private partial void LogUnbanned(string member, string unbanned, string mesh);
}
