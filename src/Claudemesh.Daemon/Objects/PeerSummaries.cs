using Claudemesh.Daemon.Contacts;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Daemon.Objects;

/// <summary>
/// What peers say that they work on. Of peers of ours it is what their member has signed, whatever the broker shows; of 1.x peers it is what the broker
/// shows.
/// </summary>
internal static class PeerSummaries
{
    /// <summary>Those of the peers of ours, by name of the object.</summary>
    public static Dictionary<string, string> Read(SharedObjects objects, IReadOnlyList<RosterPeer> peers)
    {
        Dictionary<string, string> authors = [];
        foreach (RosterPeer peer in peers.Where(peer => peer.ReadsVersion3))
            authors[NameOf(peer)] = peer.MemberKey.ToString();

        return authors.Count == 0
            ? []
            : objects.ListNamed(authors.Keys)
                .Where(one => one is { HasValue: true, Id: { Kind: ObjectKind.Summary, Plain: false } } && one.Author == authors[one.Id.Name])
                .ToDictionary(one => one.Id.Name, one => one.Text, StringComparer.Ordinal);
    }

    public static string? Of(RosterPeer peer, Dictionary<string, string> said) => peer.ReadsVersion3 ? said.GetValueOrDefault(NameOf(peer)) : peer.Summary;

    private static string NameOf(RosterPeer peer) => SummaryKeeper.NameOf(peer.MemberKey, peer.IsSession ? peer.SessionId : null);
}
