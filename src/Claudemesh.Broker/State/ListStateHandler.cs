using Claudemesh.Broker.Objects;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.State;

/// <summary>Gives a 1.x client all plain values by key. There are never more than fit into one frame.</summary>
internal sealed class ListStateHandler(ObjectStore store) : IRequestHandler<ListState, StateList>
{
    public async ValueTask<Reply<StateList>> HandleAsync(ListState request, Caller caller, CancellationToken cancellationToken)
    {
        List<ObjectRow> rows = await store.ListPlainAsync(caller.Workspace.Row.No, ObjectKind.State, cancellationToken);
        return new StateList([.. rows.OrderBy(row => row.Name, StringComparer.Ordinal).Select(PlainState.Read)]);
    }
}
