using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Presence;

/// <summary>
/// Tells peers who came and went. 1.x peers hear of each one. Ours are told at most twice a second that the list has
/// changed, so that a thousand arrivals do not cost a million frames.
/// </summary>
internal sealed class PresenceNews : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Workspace workspace;
    private readonly TimeProvider clock;
    private readonly ITimer timer;
    private int pending;

    public PresenceNews(Workspace workspace, TimeProvider clock)
    {
        this.workspace = workspace;
        this.clock = clock;
        timer = clock.CreateTimer(_ => TellOurs(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <param name="saved">What is remembered of the member from earlier: then it has returned.</param>
    public void Joined(RosterPeer peer, PeerState? saved = null)
    {
        PeerDetails details = peer.Details;
        if (!details.Visible)
        {
            Schedule();
            return;
        }

        SystemEvent happened = saved is null
            ? new SystemEvent.PeerJoined(details.DisplayName, peer.Identity.RoutingKey, [.. details.Groups])
            : new SystemEvent.PeerReturned(details.DisplayName, peer.Identity.RoutingKey, [.. details.Groups], saved.LastSeenAt, saved.Summary);

        // A session's joining is told to its siblings too; a member's own connection only to others (wire reference 2.4).
        TellLegacy(happened, peer, toOwnMember: peer.Identity.IsSession);
        Schedule();
    }

    public void Left(IReadOnlyList<RosterPeer> peers)
    {
        foreach (RosterPeer peer in peers.Where(each => each.Details.Visible && !workspace.Roster.IsHere(each.Identity.RoutingKey)))
            TellLegacy(new SystemEvent.PeerLeft(peer.Details.DisplayName, peer.Identity.RoutingKey), peer, toOwnMember: false);

        if (peers.Any(peer => !peer.Details.Groups.IsEmpty || !peer.Details.Tags.IsEmpty))
            workspace.RefreshDirectory();

        Schedule();
    }

    public void Shown(RosterPeer peer, bool visible)
    {
        TellLegacy(
            visible
                ? new SystemEvent.PeerVisible(peer.Details.DisplayName, peer.Identity.RoutingKey)
                : new SystemEvent.PeerHidden(peer.Details.DisplayName, peer.Identity.RoutingKey),
            peer,
            toOwnMember: true);
        Schedule();
    }

    /// <summary>Something in the list of peers is different.</summary>
    public void Schedule()
    {
        if (Interlocked.Exchange(ref pending, 1) == 0)
            timer.Change(Pause, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => timer.Dispose();

    private void TellLegacy(SystemEvent happened, RosterPeer about, bool toOwnMember)
    {
        SharedFrame? frame = null;
        foreach (SocketConnection connection in workspace.Sockets.Connections)
        {
            if (connection.IsOurs || connection == about.Connection || connection.Caller is not { } caller)
                continue;

            if (!toOwnMember && caller.MemberNo == about.Identity.Member)
                continue;

            frame ??= FrameEncoder.Encode(Push.From(happened, Guid.CreateVersion7(clock.GetUtcNow()).ToString(), workspace.Id, clock.GetUtcNow()));
            connection.Outbox.EnqueueEvent(frame.Share());
            connection.Outbox.Kick();
        }

        frame?.Release();
    }

    private void TellOurs()
    {
        Interlocked.Exchange(ref pending, 0);
        SharedFrame frame = FrameEncoder.Encode(new Resync(Resync.OfPeers));
        foreach (SocketConnection connection in workspace.Sockets.Connections.Where(each => each.IsOurs))
        {
            connection.Outbox.EnqueueEvent(frame.Share());
            connection.Outbox.Kick();
        }

        frame.Release();
    }
}
