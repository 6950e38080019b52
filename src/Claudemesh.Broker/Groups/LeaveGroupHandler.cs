using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Groups;

/// <summary>Takes a peer out of a group; one it is not in is left all the same.</summary>
internal sealed class LeaveGroupHandler(PeerStateStore states, MemberAdmin members) : INoticeHandler<LeaveGroup>
{
    public async ValueTask<MeshError?> HandleAsync(LeaveGroup notice, Caller caller, CancellationToken cancellationToken)
    {
        string name = notice.Name.Value;
        if (!ChangePeer.Try(caller, notice.SessionId, details => details with { Groups = details.Groups.WithoutGroup(name) }, out RosterPeer peer))
            return MeshError.SessionNotOpen;

        if (!peer.Identity.IsSession)
            await members.RegroupAsync(caller.Workspace, caller.Member, peer.Details.Groups, cancellationToken);

        caller.Workspace.RefreshDirectory();
        await SavedState.KeepAsync(states, peer, cancellationToken);
        return null;
    }
}
