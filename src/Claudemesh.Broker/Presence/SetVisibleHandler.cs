using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Presence;

/// <summary>Shows a peer to others or hides it. A hidden peer still gets what is sent to its key.</summary>
internal sealed class SetVisibleHandler(PeerStateStore states) : IRequestHandler<SetVisible, Ack>
{
    public async ValueTask<Reply<Ack>> HandleAsync(SetVisible request, Caller caller, CancellationToken cancellationToken)
    {
        if (!ChangePeer.Try(caller, request.SessionId, details => details with { Visible = request.Visible }, out RosterPeer peer))
            return MeshError.SessionNotOpen;

        if (!peer.Identity.IsSession)
            caller.Workspace.Visitors.Show(caller.MemberNo, request.Visible);
        caller.Workspace.News.Shown(peer, request.Visible);
        await SavedState.KeepAsync(states, peer, cancellationToken);
        return ChangePeer.Done;
    }
}
