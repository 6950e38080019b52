using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Moderation;

/// <summary>Takes peers off until their person wants to come back. That none of those meant is here is an answer too: nobody was affected.</summary>
internal sealed class KickHandler(Eviction eviction) : IRequestHandler<Kick, KickAck>
{
    public ValueTask<Reply<KickAck>> HandleAsync(Kick request, Caller caller, CancellationToken cancellationToken)
    {
        (Evicted? done, MeshError? refusal) = eviction.Evict(request, EvictionKind.Kick, caller);
        return ValueTask.FromResult<Reply<KickAck>>(done is null
            ? refusal!
            : new KickAck(done.Names, done.Names, done.Skipped.Length == 0 ? null : done.Skipped, done.Peers));
    }
}
