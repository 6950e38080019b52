using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Sockets;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Presence;

/// <summary>What a connecting peer met.</summary>
/// <param name="Peer">The row, new or taken over.</param>
/// <param name="IsNew">True when others have to be told that it joined.</param>
/// <param name="Replaced">A socket that this peer takes over and that must be closed with <c>session_replaced</c>.</param>
internal readonly record struct Arrival(RosterPeer Peer, bool IsNew, SocketConnection? Replaced);

/// <summary>
/// Who is here: a small state machine without I/O or clock. All changes to peers go through it, under one lock, so that a
/// takeover, a lease and an eviction cannot cross.
/// </summary>
internal sealed class PresenceRoster
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, RosterPeer> peers = new(StringComparer.Ordinal);
    private readonly Dictionary<(MemberNo Member, PublicKey Key, string Instance), RosterPeer> byIdentity = [];
    private readonly Dictionary<PublicKey, List<RosterPeer>> byKey = [];
    private readonly Dictionary<SocketConnection, List<RosterPeer>> byConnection = [];

    // Every grace is equally long, so leases lapse in the order they were given.
    private readonly Queue<(RosterPeer Peer, DateTimeOffset Until)> leases = new();

    public int Count
    {
        get
        {
            lock (gate)
                return peers.Count;
        }
    }

    /// <summary>
    /// Puts a connected peer into the roster. Whoever comes again as the same instance of the same member, with the same
    /// key, takes over its row: leased or still connected. A session's row is found by its key alone, a daemon's member
    /// socket by its member and channel, because its session id carries a pid that a restart changes.
    /// </summary>
    public Arrival Arrive(PeerIdentity identity, PeerDetails details, SocketConnection connection, string presenceId, DateTimeOffset now)
    {
        lock (gate)
        {
            if (FindSame(identity, details) is { } known)
            {
                SocketConnection? replaced = known.Connection == connection ? null : known.Connection;
                Unbind(known);
                Bind(known, connection);
                known.Details = Returned(known, details);
                return new Arrival(known, IsNew: false, replaced);
            }

            RosterPeer peer = new(identity, presenceId, now) { Details = details };
            Add(peer);
            Bind(peer, connection);
            return new Arrival(peer, IsNew: true, Replaced: null);
        }
    }

    /// <summary>The connection is lost: its peers stay for the grace, unless they said goodbye.</summary>
    /// <returns>The peers that are gone at once.</returns>
    public IReadOnlyList<RosterPeer> Lose(SocketConnection connection, bool goodbye, DateTimeOffset now)
    {
        lock (gate)
        {
            if (!byConnection.TryGetValue(connection, out List<RosterPeer>? lost))
                return [];

            List<RosterPeer> mine = [.. lost];
            foreach (RosterPeer peer in mine)
            {
                Unbind(peer);
                if (goodbye)
                {
                    Remove(peer);
                }
                else
                {
                    peer.LeasedUntil = now + PresenceLease.Grace;
                    leases.Enqueue((peer, now + PresenceLease.Grace));
                }
            }

            return goodbye ? mine : [];
        }
    }

    /// <summary>Takes out every peer whose grace has run out.</summary>
    public IReadOnlyList<RosterPeer> TakeLapsed(DateTimeOffset now)
    {
        lock (gate)
        {
            List<RosterPeer> lapsed = [];
            while (leases.TryPeek(out (RosterPeer Peer, DateTimeOffset Until) first) && first.Until <= now)
            {
                leases.Dequeue();

                // A peer that came back, or that left for good, has another lease or none.
                if (first.Peer.LeasedUntil == first.Until && peers.ContainsKey(first.Peer.PresenceId))
                {
                    Remove(first.Peer);
                    lapsed.Add(first.Peer);
                }
            }

            return lapsed;
        }
    }

    /// <summary>When to call <see cref="TakeLapsed"/> next; null when nobody is leased.</summary>
    public DateTimeOffset? NextLapse()
    {
        lock (gate)
            return leases.TryPeek(out (RosterPeer Peer, DateTimeOffset Until) first) ? first.Until : null;
    }

    /// <summary>Takes out one peer at once: a session that closed.</summary>
    public bool Take(RosterPeer peer)
    {
        lock (gate)
        {
            if (!peers.ContainsKey(peer.PresenceId))
                return false;

            Remove(peer);
            return true;
        }
    }

    /// <summary>Takes out all peers of one member at once: it was removed.</summary>
    public IReadOnlyList<RosterPeer> TakeAll(MemberNo member)
    {
        lock (gate)
        {
            List<RosterPeer> mine = [.. peers.Values.Where(peer => peer.Identity.Member == member)];
            foreach (RosterPeer peer in mine)
                Remove(peer);

            return mine;
        }
    }

    /// <summary>Changes a peer's details and returns what they were before.</summary>
    public PeerDetails Change(RosterPeer peer, Func<PeerDetails, PeerDetails> change)
    {
        lock (gate)
        {
            PeerDetails before = peer.Details;
            peer.Details = change(before);
            return before;
        }
    }

    /// <summary>All rows, oldest first.</summary>
    public IReadOnlyList<RosterPeer> List()
    {
        lock (gate)
            return [.. peers.Values.OrderBy(peer => peer.ConnectedAt)];
    }

    /// <summary>A peer, here or leased, that is addressed by this key and no other way: an unproven 1.x session key.</summary>
    public RosterPeer? FindByRoutingKey(PublicKey key)
    {
        lock (gate)
            return byKey.TryGetValue(key, out List<RosterPeer>? found) ? found[0] : null;
    }

    /// <summary>Whether somebody else is here under the same key: then nobody left (wire reference 7.2, 25).</summary>
    public bool IsHere(PublicKey routingKey)
    {
        lock (gate)
            return byKey.ContainsKey(routingKey);
    }

    private static PeerDetails Returned(RosterPeer known, PeerDetails now)
    {
        PeerDetails before = known.Details;
        PeerDetails returned = now with
        {
            // Of ours the groups are known: those the hello names, or the member's. 1.x leaves them out and means "as before".
            Groups = now.Groups.IsEmpty && !known.Identity.IsOurs ? before.Groups : now.Groups,
            Stats = before.Stats,
        };
        return now.SaysHowItIs
            ? returned
            : returned with { Status = before.Status, Summary = before.Summary, Visible = before.Visible, Profile = before.Profile };
    }

    private static (MemberNo, PublicKey, string) Key(PeerIdentity identity) =>
        (identity.Member, identity.RoutingKey, identity.IsSession ? "" : identity.Instance);

    private RosterPeer? FindSame(PeerIdentity identity, PeerDetails details)
    {
        if (byIdentity.TryGetValue(Key(identity), out RosterPeer? same) && same.Identity.Kind == identity.Kind)
            return same;

        if (identity is { Kind: PeerKind.LegacyMember, SessionKey: null })
        {
            return peers.Values.FirstOrDefault(peer =>
                peer is { Online: false, Identity: { Kind: PeerKind.LegacyMember, SessionKey: null } }
                && peer.Identity.Member == identity.Member
                && string.Equals(peer.Details.Channel, details.Channel, StringComparison.Ordinal));
        }

        return null;
    }

    private void Add(RosterPeer peer)
    {
        peers.Add(peer.PresenceId, peer);
        byIdentity[Key(peer.Identity)] = peer;
        if (!byKey.TryGetValue(peer.Identity.RoutingKey, out List<RosterPeer>? same))
            byKey[peer.Identity.RoutingKey] = same = [];

        same.Add(peer);
    }

    private void Remove(RosterPeer peer)
    {
        Unbind(peer);
        peers.Remove(peer.PresenceId);
        if (byIdentity.TryGetValue(Key(peer.Identity), out RosterPeer? indexed) && indexed == peer)
            byIdentity.Remove(Key(peer.Identity));

        List<RosterPeer> same = byKey[peer.Identity.RoutingKey];
        same.Remove(peer);
        if (same.Count == 0)
            byKey.Remove(peer.Identity.RoutingKey);
    }

    private void Bind(RosterPeer peer, SocketConnection connection)
    {
        peer.Connection = connection;
        peer.LeasedUntil = null;
        if (!byConnection.TryGetValue(connection, out List<RosterPeer>? mine))
            byConnection[connection] = mine = [];

        mine.Add(peer);
    }

    private void Unbind(RosterPeer peer)
    {
        if (peer.Connection is not { } connection)
            return;

        peer.Connection = null;
        List<RosterPeer> mine = byConnection[connection];
        mine.Remove(peer);
        if (mine.Count == 0)
            byConnection.Remove(connection);
    }
}
