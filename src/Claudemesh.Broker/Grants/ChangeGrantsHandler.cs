using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Moderation;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Grants;

/// <summary>
/// Changes what the caller lets another member do to it. It holds from the next message on; what the other has sent before is delivered.
/// </summary>
internal sealed class ChangeGrantsHandler(GrantStore store) : IRequestHandler<ChangeGrants, GrantsChanged>
{
    public async ValueTask<Reply<GrantsChanged>> HandleAsync(ChangeGrants request, Caller caller, CancellationToken cancellationToken)
    {
        (Meant? meant, MeshError? refusal) = PeerSearch.Find(caller.Workspace, request.Target);
        if (meant is null)
            return refusal!;

        if (meant.Member.No == caller.MemberNo)
            return MeshError.OwnGrant;

        Workspace workspace = caller.Workspace;
        Capability changed = await workspace.Grants.ChangeAsync(
            caller.MemberNo,
            meant.Member.Key,
            () => store.ChangeAsync(workspace.Row.No, caller.MemberNo, meant.Member.Key, before => Change(request, before), cancellationToken, AuditActor.Of(caller)),
            cancellationToken);
        workspace.RefreshDirectory();
        return new GrantsChanged(CapabilityWords.Write(meant.Member, changed));
    }

    private static Capability Change(ChangeGrants request, Capability before) =>
        ((request.Reset is true ? Capability.Default : before) & ~CapabilityWords.Read(request.Take)) | CapabilityWords.Read(request.Give);
}
