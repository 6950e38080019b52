using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Moderation;

/// <summary>A member goes for good, by its own will. Its connections are closed behind the answer, the one that asked among them.</summary>
internal sealed partial class LeaveWorkspaceHandler(MemberRemoval removal, WorkspaceEnding ending, ILogger<LeaveWorkspaceHandler> logger)
    : IRequestHandler<LeaveWorkspace, WorkspaceLeft>
{
    public async ValueTask<Reply<WorkspaceLeft>> HandleAsync(LeaveWorkspace request, Caller caller, CancellationToken cancellationToken)
    {
        (Workspace workspace, MeshMember member) = (caller.Workspace, caller.Member);
        if (await removal.LeaveAsync(workspace, member, AuditActor.Of(caller), cancellationToken) is { } refusal)
            return refusal;

        LogLeft(member.Id.Value, workspace.Id.Value);
        return Reply<WorkspaceLeft>.Last(new WorkspaceLeft(), () =>
        {
            MemberRemoval.TakeOffLeaver(workspace, member);
            if (member.Role is MemberRole.Owner)
                ending.TakeDown(workspace, MeshError.WorkspaceEnded);
        });
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Member {Member} left workspace {Mesh}")]
    private partial void LogLeft(string member, string mesh);
}
