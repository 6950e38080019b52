namespace Claudemesh.Broker.Presence;

/// <summary>Remembers what a member's own peer looks like, so that it looks the same when it returns. Sessions are not remembered.</summary>
internal static class SavedState
{
    public static async ValueTask KeepAsync(PeerStateStore states, RosterPeer peer, CancellationToken cancellationToken)
    {
        if (peer.Identity.IsSession)
            return;

        await states.SaveAsync(peer.Identity.Member, peer.Details, cancellationToken);
    }
}
