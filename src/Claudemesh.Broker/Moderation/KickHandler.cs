using System.Text.Json.Nodes;
using Claudemesh.Broker.Audit;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Moderation;

/// <summary>Takes peers off until their person wants to come back. That none of those meant is here is an answer too: nobody was affected.</summary>
internal sealed class KickHandler(Eviction eviction, AuditStore audit) : IRequestHandler<Kick, KickAck>
{
    private const int NamedMax = 20;

    public async ValueTask<Reply<KickAck>> HandleAsync(Kick request, Caller caller, CancellationToken cancellationToken)
    {
        (Evicted? done, MeshError? refusal) = eviction.Evict(request, EvictionKind.Kick, caller);
        if (done is null)
            return refusal!;

        if (done.Peers.Length > 0)
        {
            JsonObject facts = new() { ["count"] = done.Peers.Length };
            facts["keys"] = new JsonArray([.. done.Peers.Select(peer => (JsonNode)peer.MemberPubkey.ToString()).Take(NamedMax)]);
            await audit.AppendAsync(caller.Workspace.Row.No, new AuditEvent(AuditTypes.PeersKicked, AuditActor.Of(caller), facts), cancellationToken);
        }

        return new KickAck(done.Names, done.Names, done.Skipped.Length == 0 ? null : done.Skipped, done.Peers);
    }
}
