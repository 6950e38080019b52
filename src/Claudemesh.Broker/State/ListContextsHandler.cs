using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.State;

/// <summary>Lists what 1.x members told of their work, without the long parts.</summary>
internal sealed class ListContextsHandler(ContextStore contexts) : IRequestHandler<ListContexts, ContextList>
{
    public async ValueTask<Reply<ContextList>> HandleAsync(ListContexts request, Caller caller, CancellationToken cancellationToken)
    {
        List<SharedContext> all = await contexts.ListAsync(caller.Workspace.Row.No, cancellationToken);
        return new ContextList([.. all.Select(one => new ListedContext(one.PeerName, one.Summary, one.Tags, one.UpdatedAt))]);
    }
}
