using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Objects;

/// <summary>Gives one object as it is now: the sealed one of a name before the plain one.</summary>
internal sealed class ObjectGetHandler(ObjectStore store) : IRequestHandler<ObjectGet, ObjectResult>
{
    public async ValueTask<Reply<ObjectResult>> HandleAsync(ObjectGet request, Caller caller, CancellationToken cancellationToken) =>
        new ObjectResult((await store.FindAsync(caller.Workspace.Row.No, request.Kind, request.Name, cancellationToken))?.ToWire());
}
