using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Groups;

/// <summary>Puts a peer into a group, or gives it another role there.</summary>
internal sealed class JoinGroupHandler(PeerStateStore states, MemberAdmin members) : INoticeHandler<JoinGroup>
{
    public async ValueTask<MeshError?> HandleAsync(JoinGroup notice, Caller caller, CancellationToken cancellationToken)
    {
        GroupTag group = new(notice.Name.Value, notice.Role);
        if (!ChangePeer.Try(caller, notice.SessionId, details => details with { Groups = details.Groups.WithGroup(group) }, out RosterPeer peer))
            return MeshError.SessionNotOpen;

        if (!peer.Identity.IsSession)
            await members.RegroupAsync(caller.Workspace, caller.Member, peer.Details.Groups, cancellationToken);

        caller.Workspace.RefreshDirectory();
        await SavedState.KeepAsync(states, peer, cancellationToken);
        return null;
    }
}
