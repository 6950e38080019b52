using System.Globalization;
using Claudemesh.Broker.Objects;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.State;

/// <summary>Gives a 1.x client one plain value. What our clients keep sealed is not there for it.</summary>
internal sealed class GetStateHandler(ObjectStore store) : IRequestHandler<GetState, StateResult>
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public async ValueTask<Reply<StateResult>> HandleAsync(GetState request, Caller caller, CancellationToken cancellationToken)
    {
        ObjectKey key = new(caller.Workspace.Row.No, ObjectKind.State, Plain: true, request.Key);
        StateEntry? entry = await store.FindAsync(key, cancellationToken) is { Deleted: false } row ? PlainState.Read(row) : null;
        StateResult result = new(
            request.Key, entry?.Value, entry?.UpdatedBy ?? "", entry?.UpdatedAt.ToString(TimeFormat, CultureInfo.InvariantCulture) ?? "");
        return PlainObjects.IsOriginalDaemon(caller) ? Reply<StateResult>.Twice(result, new StateData(entry)) : result;
    }
}
