using Claudemesh.Broker.Objects;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

/// <summary>The overview that 1.x asks for. What this broker does not keep is empty in it.</summary>
internal sealed class MeshInfoHandler(ObjectStore objects) : IRequestHandler<MeshInfo, MeshInfoResult>
{
    public async ValueTask<Reply<MeshInfoResult>> HandleAsync(MeshInfo request, Caller caller, CancellationToken cancellationToken)
    {
        PlainOverview plain = await objects.OverlookPlainAsync(caller.Workspace.Row.No, cancellationToken);
        IReadOnlyList<RosterPeer> peers = caller.Workspace.Roster.List();
        string[] groups = [.. peers
            .SelectMany(peer => peer.Details.Groups)
            .Select(group => "@" + group.Name)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)];
        return new MeshInfoResult(
            caller.Workspace.Id,
            PeerListing.For(caller).Length,
            groups,
            [.. plain.StateKeys.Order(StringComparer.Ordinal)],
            plain.MemoryCount,
            FileCount: 0,
            Tasks: default,
            Streams: [],
            Tables: [],
            Collections: [],
            caller.Self?.Details.DisplayName ?? caller.Member.DisplayName,
            [.. caller.Self?.Details.Groups ?? []]);
    }
}
