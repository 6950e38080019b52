using Claudemesh.Broker.Sockets;

namespace Claudemesh.Broker.Presence;

/// <summary>Notes that a member is here by his API key. Whether he wants to be seen is read once, when he comes.</summary>
internal sealed class RestArrival(PeerStateStore states)
{
    public async ValueTask NoteAsync(Caller caller, CancellationToken cancellationToken)
    {
        RestVisitors visitors = caller.Workspace.Visitors;
        if (visitors.TryRenew(caller.MemberNo))
            return;

        PeerState? saved = await states.FindAsync(caller.MemberNo, cancellationToken);
        visitors.Arrive(caller.MemberNo, saved?.Visible ?? true);
    }
}
