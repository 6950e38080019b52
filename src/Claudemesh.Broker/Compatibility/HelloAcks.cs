using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Compatibility;

/// <summary>The answer to both 1.x handshakes (wire reference 2.3).</summary>
internal static class HelloAcks
{
    public static HelloAck Of(Arrival arrival, MeshMember member, GroupTag[]? given, PeerState? saved)
    {
        HelloAck ack = new(arrival.Peer.PresenceId, arrival.Peer.Details.DisplayName)
        {
            MeshPolicy = new MeshPolicy(SelfEditable.All),
        };
        if (arrival.Peer.Identity.IsSession && !arrival.IsNew)
            return ack;

        ack = ack with { MemberProfile = new MemberProfile(null, [.. member.Groups], MessageMode.Push) };
        if (arrival.Peer.Identity.IsSession || !arrival.IsNew || saved is null)
            return ack;

        return ack with
        {
            Restored = true,
            LastSummary = saved.Summary,
            LastSeenAt = saved.LastSeenAt,
            RestoredGroups = given is not { Length: > 0 } && !saved.Groups.IsEmpty ? [.. saved.Groups] : null,
            RestoredStats = saved.Stats is { } stats
                ? new RestoredStats(stats.MessagesIn ?? 0, stats.MessagesOut ?? 0, stats.ToolCalls ?? 0, stats.Errors ?? 0)
                : null,
        };
    }
}
