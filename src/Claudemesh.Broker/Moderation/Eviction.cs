using Claudemesh.Broker.Authorization;
using Claudemesh.Broker.Compatibility;
using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Sockets;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;
using Microsoft.Extensions.Logging;

namespace Claudemesh.Broker.Moderation;

/// <summary>How connections are ended.</summary>
/// <param name="Word">What is done, as in "only the owner may kick an admin".</param>
/// <param name="Reason">The close's reason; <c>_stale</c> is added to it for the silent ones, as 1.x has it.</param>
/// <param name="ForGood">Whether those who obey stay away: then they are gone at once, and told why.</param>
internal sealed record EvictionKind(string Word, int Code, string Reason, bool ForGood)
{
    public static EvictionKind Kick { get; } = new("kick", Handshake.Refusals.Kicked, "kicked", ForGood: true);

    public static EvictionKind Disconnect { get; } = new("disconnect", 1000, "disconnected", ForGood: false);
}

/// <param name="Skipped">Names of 1.x daemons that a kick leaves alone.</param>
internal sealed record Evicted(AffectedPeer[] Peers, string[] Skipped)
{
    public string[] Names => [.. Peers.Select(peer => peer.DisplayName)];
}

/// <summary>Takes peers off: what <c>kick</c> and <c>disconnect</c> have in common.</summary>
internal sealed partial class Eviction(TimeProvider clock, ILogger<Eviction> logger)
{
    public (Evicted? Done, MeshError? Refusal) Evict(IPeerChoice choice, EvictionKind kind, Caller caller)
    {
        (IReadOnlyList<RosterPeer> chosen, MeshMember? all, MeshError? refusal) = Choose(choice, kind, caller);
        if (refusal is not null)
            return (null, refusal);

        List<RosterPeer> mine = [.. chosen.Where(peer => peer.Connection is null || peer.Connection != caller.Connection)];
        List<RosterPeer> skipped = kind.ForGood ? [.. mine.Where(IsLegacyDaemon)] : [];
        mine.RemoveAll(skipped.Contains);

        string reason = choice.Stale is null ? kind.Reason : kind.Reason + "_stale";
        AffectedPeer[] affected = Take(mine, all, caller, kind, reason);
        LogEvicted(caller.Member.Id.Value, kind.Word, affected.Length);
        return (new Evicted(affected, [.. skipped.Select(peer => peer.Details.DisplayName)]), null);
    }

    /// <summary>An original daemon's own connection ignores the code and is back within a second (wire reference 7.2, 18).</summary>
    private static bool IsLegacyDaemon(RosterPeer peer) =>
        peer.Identity is { Kind: PeerKind.LegacyMember, SessionKey: null }
        && string.Equals(peer.Details.Channel, LegacyChannels.Daemon, StringComparison.Ordinal);

    private (IReadOnlyList<RosterPeer> Chosen, MeshMember? All, MeshError? Refusal) Choose(IPeerChoice choice, EvictionKind kind, Caller caller)
    {
        if (choice.Target is { } target)
        {
            (Meant? meant, MeshError? unknown) = PeerSearch.Find(caller.Workspace, target);
            if (meant is null)
                return ([], null, unknown);

            MeshError? forbidden = meant.Member.No == caller.MemberNo ? null : Rank.Refuse(caller, meant.Member, kind.Word);
            return forbidden is null ? (meant.Peers, meant.Key == meant.Member.Key ? meant.Member : null, null) : ([], null, forbidden);
        }

        IEnumerable<RosterPeer> below = caller.Workspace.Roster.List().Where(peer =>
            peer.Identity.Member != caller.MemberNo
            && caller.Workspace.Members.Find(peer.Identity.Member) is { } member
            && Permissions.AllowAgainst(caller.Role, member.Role));
        return ([.. choice.Stale is { } silence ? below.Where(peer => SilentFor(peer) >= TimeSpan.FromMilliseconds(silence)) : below], null, null);
    }

    private static bool IsUnlisted(SocketConnection connection, MeshMember member) =>
        connection.Caller is { Self: null } caller && caller.MemberNo == member.No;

    private TimeSpan SilentFor(RosterPeer peer) => (peer.Connection, peer.LeasedUntil) switch
    {
        ({ } connection, _) => connection.Silence,
        (null, { } until) => clock.GetUtcNow() - (until - PresenceLease.Grace),
        _ => TimeSpan.Zero,
    };

    /// <param name="all">The member whose every connection is meant, also those that are in no list.</param>
    private static AffectedPeer[] Take(List<RosterPeer> peers, MeshMember? all, Caller caller, EvictionKind kind, string reason)
    {
        Workspace workspace = caller.Workspace;
        HashSet<SocketConnection> connections = [.. peers.Select(peer => peer.Connection).OfType<SocketConnection>()];
        if (all is not null)
            connections.UnionWith(workspace.Sockets.Connections.Where(each => IsUnlisted(each, all) && each != caller.Connection));

        // What else lives on a connection goes with it, and is named.
        HashSet<RosterPeer> gone = [.. peers, .. workspace.Roster.List().Where(peer => peer.Connection is { } own && connections.Contains(own))];
        foreach (SocketConnection connection in connections)
        {
            if (kind.ForGood && connection.IsOurs)
                connection.Refuse(MeshError.Kicked.With($"{caller.Member.DisplayName} ended your connection to {workspace.Row.Slug}; to connect again by itself is forbidden."));

            workspace.Lose(connection, goodbye: kind.ForGood);
            _ = connection.CloseAsync(kind.Code, reason);
        }

        List<RosterPeer> absent = [.. peers.Where(peer => peer.Connection is null && workspace.Roster.Take(peer))];
        if (absent.Count > 0)
            workspace.News.Left(absent);

        return [.. gone.OrderBy(peer => peer.ConnectedAt).Select(peer => new AffectedPeer(peer.Details.DisplayName, peer.Identity.RoutingKey, peer.Identity.MemberKey))];
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Member {Member} took peers off ({Word}): {Count}")]
    private partial void LogEvicted(string member, string word, int count);
}
