using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Contacts;

/// <summary>
/// What the broker lists, held against the log: who is a member, under which key and with which role is the log's word; names, groups and who is online are
/// the broker's. Pure.
/// </summary>
/// <param name="Believed">Members by the log that are listed under their own keys.</param>
/// <param name="Unlisted">Members by the log that the broker leaves out.</param>
/// <param name="Unverified">Listed, and not in the log: a 1.x key, somebody who waits to be admitted, or somebody whom the broker made up.</param>
/// <param name="Replaced">Listed under a member's id with another key than the log has for it.</param>
/// <param name="Downgraded">Called a 1.x client by the broker, and not by the log.</param>
internal sealed record LoggedListing(
    IReadOnlyList<RosterMember> Believed,
    IReadOnlyList<RosterMember> Unlisted,
    IReadOnlyList<RosterMember> Unverified,
    IReadOnlyList<RosterMember> Replaced,
    IReadOnlyList<RosterMember> Downgraded)
{
    public static LoggedListing Of(Membership log, Func<PublicKey, string?> findName, IReadOnlyList<RosterMember> listed)
    {
        var believed = new List<RosterMember>(listed.Count);
        var unverified = new List<RosterMember>();
        var replaced = new List<RosterMember>();
        var downgraded = new List<RosterMember>();
        HashSet<string> taken = [.. log.Members.Values.Select(member => member.MemberId)];
        foreach (RosterMember one in listed.DistinctBy(one => one.Key))
        {
            if (log.Members.TryGetValue(one.Key, out LogMember? member))
            {
                if (one.Kind is MemberKinds.Legacy && member.Kind is not MemberKind.Legacy)
                    downgraded.Add(one);
                believed.Add(one with { MemberId = member.MemberId, Role = WordOf(member.Role), Kind = WordOf(member.Kind) });
            }
            else if (taken.Contains(one.MemberId))
            {
                replaced.Add(one);
            }
            else
            {
                // A key that the log has had is no 1.x key, whatever the broker says of it now.
                string kind = one.Kind is MemberKinds.Legacy && log.IsLegacy(one.Key) ? MemberKinds.Legacy : MemberKinds.Person;
                unverified.Add(one with { Kind = kind, Role = "none", Unverified = true });
            }
        }

        HashSet<PublicKey> there = [.. believed.Select(one => one.Key)];
        return new LoggedListing(believed, [.. OfLog(log, findName).Where(one => !there.Contains(one.Key))], unverified, replaced, downgraded);
    }

    /// <summary>Whom the log knows, without anything that only a broker could say.</summary>
    public static IEnumerable<RosterMember> OfLog(Membership log, Func<PublicKey, string?> findName) => log.Members.Select(one => new RosterMember(
        one.Key,
        one.Value.MemberId,
        findName(one.Key) ?? one.Key.ToString()[..8],
        WordOf(one.Value.Role),
        WordOf(one.Value.Kind),
        Online: false,
        JoinedAt: null,
        [],
        []));

    private static string WordOf<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
