using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Presence;

/// <summary>Sets the line that says what a peer works on, and remembers it for the member's next 1.x hello.</summary>
internal sealed class SetSummaryHandler(PeerStateStore states) : INoticeHandler<SetSummary>
{
    public async ValueTask<MeshError?> HandleAsync(SetSummary notice, Caller caller, CancellationToken cancellationToken)
    {
        string? summary = notice.Summary.Length == 0 ? null : notice.Summary;
        if (!ChangePeer.Try(caller, notice.SessionId, details => details with { Summary = summary }, out RosterPeer peer))
            return MeshError.SessionNotOpen;

        await SavedState.KeepAsync(states, peer, cancellationToken);
        return null;
    }
}
