using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Presence;

/// <summary>Who is here, or was until a moment ago. Hidden peers are shown to their own member only.</summary>
internal sealed class ListPeersHandler : IRequestHandler<ListPeers, PeersList>
{
    public ValueTask<Reply<PeersList>> HandleAsync(ListPeers request, Caller caller, CancellationToken cancellationToken)
    {
        PeersList list = new([.. caller.Workspace.Roster.List()
            .Where(peer => peer.Details.Visible || peer.Identity.Member == caller.MemberNo)
            .Select(Row)]);
        return ValueTask.FromResult<Reply<PeersList>>(list);
    }

    private static Peer Row(RosterPeer peer) => new(
        peer.Identity.RoutingKey,
        peer.Identity.MemberKey,
        peer.Details.DisplayName,
        peer.Details.Status,
        peer.Details.Summary,
        [.. peer.Details.Groups],
        peer.Identity.Instance,
        peer.ConnectedAt,
        peer.Details.Cwd,
        peer.Identity.IsSession ? PeerRole.Session : PeerRole.ControlPlane,
        peer.Details.Hostname,
        peer.Details.PeerType,
        peer.Details.Channel,
        peer.Details.Model,
        peer.Details.Stats,
        peer.Details.Visible,
        peer.Details.Profile,
        peer.Identity.MemberId,
        peer.Details.Tags.IsEmpty ? null : [.. peer.Details.Tags],
        peer.Identity.IsOurs ? 3 : 1);
}
