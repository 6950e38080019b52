using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.State;

/// <summary>Takes a plain memory away, text and words; one that is not there is as good as taken away.</summary>
internal sealed class ForgetHandler(PlainObjects plain) : IRequestHandler<Forget, Ack>
{
    public async ValueTask<Reply<Ack>> HandleAsync(Forget request, Caller caller, CancellationToken cancellationToken)
    {
        MeshError? refusal = await plain.WriteAsync(
            caller,
            ObjectKind.Memory,
            request.MemoryId,
            body: null,
            beside: scope => MemorySearch.Remove(scope, caller.Workspace.Row.No, request.MemoryId),
            told: static () => { },
            CancellationToken.None);
        return refusal is null ? new Ack(request.MemoryId, request.MemoryId, Queued: false) : refusal;
    }
}
