using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Presence;

/// <summary>
/// The peers that a caller is shown, by time of coming: those with a connection, and members who are here by REST and have none. Hidden ones are
/// shown to their own member only.
/// </summary>
internal static class PeerListing
{
    public static Peer[] For(Caller caller)
    {
        HashSet<MemberNo>? shown = caller.FindShownMembers();
        IReadOnlyList<RosterPeer> connected = caller.Workspace.Roster.List();
        HashSet<MemberNo> here = [.. connected.Select(peer => peer.Identity.Member)];
        IEnumerable<Peer> peers = connected
            .Where(peer => IsShown(peer.Identity.Member, peer.Details.Visible))
            .Select(Row);
        IEnumerable<Peer> visitors = caller.Workspace.Visitors.List()
            .Where(visitor => !here.Contains(visitor.Member) && IsShown(visitor.Member, visitor.Visible))
            .Select(visitor => FindRow(caller.Workspace, visitor)).OfType<Peer>();
        return [.. peers.Concat(visitors).OrderBy(peer => peer.ConnectedAt)];

        bool IsShown(MemberNo member, bool visible) => (visible || member == caller.MemberNo) && shown?.Contains(member) != false;
    }

    private static Peer Row(RosterPeer peer) => new(
        peer.Identity.RoutingKey,
        peer.Identity.MemberKey,
        peer.Details.DisplayName,
        peer.Details.Status,
        peer.Details.Summary,
        [.. peer.Details.Groups],
        peer.Identity.Instance,
        peer.ConnectedAt,
        peer.Details.Cwd,
        peer.Identity.IsSession ? PeerRole.Session : PeerRole.ControlPlane,
        peer.Details.Hostname,
        peer.Details.PeerType,
        peer.Details.Channel,
        peer.Details.Model,
        peer.Details.Stats,
        peer.Details.Visible,
        peer.Details.Profile,
        peer.Identity.MemberId,
        peer.Details.Tags.IsEmpty ? null : [.. peer.Details.Tags],
        peer.Identity.IsOurs ? 3 : 1,
        PeerDoor.Ws);

    /// <summary>He has no session; what is sent to his member key waits in his mailbox. As a session, because the original CLI lists nothing else.</summary>
    private static Peer? FindRow(Workspace workspace, RestVisitor visitor) => workspace.Members.Find(visitor.Member) is not { Removed: false } member ? null : new Peer(
        member.Key,
        member.Key,
        member.DisplayName,
        PresenceStatus.Idle,
        Summary: null,
        [.. member.Groups],
        SessionId: "",
        visitor.Since,
        Cwd: "",
        PeerRole.Session,
        Visible: visitor.Visible,
        MemberId: member.Id,
        Protocol: member.Kind is MemberKind.Legacy ? 1 : 3,
        Via: PeerDoor.Rest);
}
