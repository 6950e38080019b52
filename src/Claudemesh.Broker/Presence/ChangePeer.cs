using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Presence;

/// <summary>What the changes to one's own peer row have in common: which row, and that others learn of it.</summary>
internal static class ChangePeer
{
    /// <summary>Changes the row that the request is about; false when the connection has no such row.</summary>
    public static bool Try(Caller caller, SessionId? session, Func<PeerDetails, PeerDetails> change, out RosterPeer peer)
    {
        peer = caller.Acting(session)!;
        if (peer is null)
            return false;

        caller.Workspace.Roster.Change(peer, change);
        caller.Workspace.News.Schedule();
        return true;
    }

    public static Ack Done { get; } = new("", "", Queued: false);
}
