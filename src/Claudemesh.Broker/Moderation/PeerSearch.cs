using Claudemesh.Broker.Presence;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Moderation;

/// <summary>Who is meant.</summary>
/// <param name="Key">The member's key, or the key by which one of its peers is addressed.</param>
/// <param name="Peers">Those of its peers that are meant, here or leased: all of them when the member is.</param>
internal sealed record Meant(MeshMember Member, string Name, PublicKey Key, IReadOnlyList<RosterPeer> Peers);

/// <summary>
/// Finds whom a text means: a name in any case, a key, or a beginning of one. Names are chosen by those who bear them, so one that fits two is
/// refused and never guessed.
/// </summary>
internal static class PeerSearch
{
    private const int KeyDigitsMin = 4;
    private const int KeyDigitsShown = 12;
    private const int NamedMax = 5;

    public static (Meant? Meant, MeshError? Refusal) Find(Workspace workspace, string target)
    {
        IReadOnlyList<RosterPeer> peers = workspace.Roster.List();
        List<Meant> found =
        [
            .. workspace.Members.All
                .Where(member => !member.Removed && Fits(target, member.DisplayName, member.Key))
                .Select(member => new Meant(member, member.DisplayName, member.Key, [.. peers.Where(peer => peer.Identity.Member == member.No)])),
        ];

        // A peer that bears its member's name is meant with the member.
        found.AddRange(peers
            .Where(peer => Fits(target, peer.Details.DisplayName, peer.Identity.RoutingKey) && !found.Exists(one => one.Member.No == peer.Identity.Member))
            .GroupBy(peer => (peer.Identity.Member, peer.Identity.RoutingKey))
            .Select(same => new Meant(workspace.Members.Find(same.Key.Member)!, same.First().Details.DisplayName, same.Key.RoutingKey, [.. same]))
            .ToList());
        return One(found, target, workspace, static meant => (meant.Name, meant.Key), "Nobody");
    }

    /// <summary>The one banned member who is meant.</summary>
    public static (MeshMember? Member, MeshError? Refusal) FindBanned(Workspace workspace, string target) => One(
        [.. workspace.Members.All.Where(member => member is { Removed: true, Banned: true } && Fits(target, member.DisplayName, member.Key))],
        target,
        workspace,
        static member => (member.DisplayName, member.Key),
        "No banned member");

    private static bool Fits(string target, string name, PublicKey key) =>
        string.Equals(name, target, StringComparison.OrdinalIgnoreCase)
        || (target.Length is >= KeyDigitsMin and <= PublicKey.HexLength && key.ToString().StartsWith(target, StringComparison.OrdinalIgnoreCase));

    private static (T? One, MeshError? Refusal) One<T>(
        List<T> found, string target, Workspace workspace, Func<T, (string Name, PublicKey Key)> describe, string nobody)
        where T : class
    {
        if (found.Count == 1)
            return (found[0], null);

        if (found.Count == 0)
            return (null, MeshError.NotFound.With($"{nobody} in {workspace.Row.Slug} is called or has a key that begins with {target}; the target is invalid."));

        IEnumerable<string> some = found.Take(NamedMax).Select(describe).Select(one => $"{one.Name} ({one.Key.ToString()[..KeyDigitsShown]})");
        string more = found.Count > NamedMax ? " and others" : "";
        return (null, MeshError.AmbiguousTarget.With(
            $"The target is invalid: {target} could mean {string.Join(", ", some)}{more}. Use the key of one, or more of it."));
    }
}
