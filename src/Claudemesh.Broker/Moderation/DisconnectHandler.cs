using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Moderation;

/// <summary>Ends connections that are made again at once: for peers that hang.</summary>
internal sealed class DisconnectHandler(Eviction eviction) : IRequestHandler<Disconnect, DisconnectAck>
{
    public ValueTask<Reply<DisconnectAck>> HandleAsync(Disconnect request, Caller caller, CancellationToken cancellationToken)
    {
        (Evicted? done, MeshError? refusal) = eviction.Evict(request, EvictionKind.Disconnect, caller);
        return ValueTask.FromResult<Reply<DisconnectAck>>(done is null ? refusal! : new DisconnectAck(done.Names, done.Names, done.Peers));
    }
}
