using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Presence;

/// <summary>Takes the counters that 1.x clients report every minute.</summary>
internal sealed class SetStatsHandler : INoticeHandler<SetStats>
{
    public ValueTask<MeshError?> HandleAsync(SetStats notice, Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Self is { } peer)
            caller.Workspace.Roster.Change(peer, details => details with { Stats = notice.Stats });

        return ValueTask.FromResult<MeshError?>(null);
    }
}
