using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Presence;

/// <summary>Who is here, or was until a moment ago.</summary>
internal sealed class ListPeersHandler : IRequestHandler<ListPeers, PeersList>
{
    public ValueTask<Reply<PeersList>> HandleAsync(ListPeers request, Caller caller, CancellationToken cancellationToken) =>
        ValueTask.FromResult<Reply<PeersList>>(new PeersList(PeerListing.For(caller)));
}
