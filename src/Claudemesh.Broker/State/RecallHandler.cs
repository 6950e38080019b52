using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.State;

/// <summary>Searches what 1.x clients have kept. Our clients search what is sealed themselves: the broker cannot.</summary>
internal sealed class RecallHandler(MemorySearch search) : IRequestHandler<Recall, MemoryResults>
{
    public async ValueTask<Reply<MemoryResults>> HandleAsync(Recall request, Caller caller, CancellationToken cancellationToken)
    {
        RecalledMemory[] found = await search.FindAsync(caller.Workspace.Row.No, request.Query, cancellationToken);
        MemoryResults results = new(found);
        return PlainObjects.IsOriginalDaemon(caller) ? Reply<MemoryResults>.Twice(results, new MemoryRecallResult(found)) : results;
    }
}
