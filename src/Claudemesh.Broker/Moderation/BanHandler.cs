using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Moderation;

/// <summary>Removes a member until an admin lets it in again.</summary>
internal sealed partial class BanHandler(MemberRemoval removal, ILogger<BanHandler> logger) : IRequestHandler<Ban, BanAck>
{
    public async ValueTask<Reply<BanAck>> HandleAsync(Ban request, Caller caller, CancellationToken cancellationToken)
    {
        Workspace workspace = caller.Workspace;
        (Meant? meant, MeshError? refusal) = PeerSearch.Find(workspace, request.Target);
        if (meant is null)
            return refusal!;

        MeshMember banned = meant.Member;
        if (banned.No == caller.MemberNo)
            return MeshError.Forbidden.With("To ban yourself is forbidden. Leave the workspace instead.");

        if (Rank.Refuse(caller, banned, "ban") is { } forbidden)
            return forbidden;

        string why = string.IsNullOrWhiteSpace(request.Reason) ? "" : $": {request.Reason}";
        string farewell = $"{caller.Member.DisplayName} removed you from {workspace.Row.Slug}{why}. You are forbidden there until an admin lets you in again.";
        await removal.BanAsync(workspace, banned, AuditActor.Of(caller), farewell, cancellationToken);
        LogBanned(caller.Member.Id.Value, banned.Id.Value, workspace.Id.Value);
        return new BanAck(banned.DisplayName, banned.Key);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Member {Member} banned member {Banned} from workspace {Mesh}")]
    private partial void LogBanned(string member, string banned, string mesh);
}
