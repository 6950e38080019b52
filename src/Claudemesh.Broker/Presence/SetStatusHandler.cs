using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Presence;

/// <summary>Sets what a peer is doing; what its new status lets through is delivered at once.</summary>
internal sealed class SetStatusHandler : INoticeHandler<SetStatus>
{
    public ValueTask<MeshError?> HandleAsync(SetStatus notice, Caller caller, CancellationToken cancellationToken)
    {
        if (!ChangePeer.Try(caller, notice.SessionId, details => details with { Status = notice.Status }, out RosterPeer peer))
            return ValueTask.FromResult<MeshError?>(MeshError.SessionNotOpen);

        foreach (ReaderView reader in caller.Connection?.Readers ?? [])
        {
            if (reader.Peer == peer)
                caller.Workspace.Loop.Post(new GateChanged(caller.Connection!.No, reader.No, Gates.Of(reader.Kind, notice.Status)));
        }

        return ValueTask.FromResult<MeshError?>(null);
    }
}
