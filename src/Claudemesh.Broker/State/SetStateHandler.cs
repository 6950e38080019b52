using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.State;

/// <summary>Sets a value in clear for 1.x clients. The writer hears nothing: a cold verb would take an answer for that of another request.</summary>
internal sealed class SetStateHandler(PlainObjects plain) : INoticeHandler<SetState>
{
    public async ValueTask<MeshError?> HandleAsync(SetState notice, Caller caller, CancellationToken cancellationToken) => await plain.WriteAsync(
        caller,
        ObjectKind.State,
        notice.Key,
        PlainState.Write(notice.Value),
        beside: static _ => { },
        told: () => caller.Workspace.Objects.ToLegacy(new StateChange(notice.Key, notice.Value, PlainObjects.NameOf(caller)), caller.Connection),
        // The sender may hang up as soon as it has sent: what came before its close is executed (wire reference 3.4).
        CancellationToken.None);
}
