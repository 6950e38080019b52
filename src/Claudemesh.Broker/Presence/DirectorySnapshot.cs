using System.Collections.Frozen;
using System.Collections.Immutable;
using Claudemesh.Broker.Grants;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;
using Directory = Claudemesh.Broker.Messaging.Delivery.Directory;

namespace Claudemesh.Broker.Presence;

/// <summary>Makes the core's picture of who belongs to what.</summary>
internal static class DirectorySnapshot
{
    public static Directory Of(Workspace workspace)
    {
        Dictionary<string, HashSet<Addressee>> groups = new(StringComparer.Ordinal);
        Dictionary<string, HashSet<Addressee>> tags = new(StringComparer.Ordinal);
        HashSet<MemberNo> present = [];

        foreach (RosterPeer peer in workspace.Roster.List())
        {
            Addressee addressee = new(MailboxOf(workspace, peer), peer.Identity.Member);
            if (!peer.Identity.IsSession)
                present.Add(peer.Identity.Member);

            AddGroups(groups, peer.Details.Groups.Select(group => group.Name), addressee);
            foreach (string tag in peer.Details.Tags)
                Add(tags, tag, addressee);
        }

        // Whoever is away is still in his groups: what is sent to them waits for him.
        foreach (MeshMember member in workspace.Members.All.Where(each => !each.Removed && !present.Contains(each.No)))
            AddGroups(groups, member.Groups.Select(group => group.Name), new Addressee(member.Mailbox, member.No));

        return Directory.Empty with
        {
            Groups = Freeze(groups),
            Tags = Freeze(tags),
            Members = [.. workspace.Members.All.Where(each => !each.Removed).Select(each => new Addressee(each.Mailbox, each.No))],
            DirectDenied = Denied(workspace, Capability.Dm),
            BroadcastDenied = Denied(workspace, Capability.Broadcast),
            MemberGranted = OfMembers(workspace).Select(one => (one.Grant.Recipient, one.Sender)).ToFrozenSet(),
            SessionDirectDenied = SessionsDenied(workspace, Capability.Dm),
            SessionBroadcastDenied = SessionsDenied(workspace, Capability.Broadcast),
            Removed = workspace.Members.All.Where(each => each.Removed).Select(each => each.No).ToFrozenSet(),
        };
    }

    private static MailboxNo MailboxOf(Workspace workspace, RosterPeer peer) =>
        peer.Identity.SessionKey is { } key && workspace.Addresses.Find(key) is { } session
            ? session.Mailbox
            : workspace.Members.Find(peer.Identity.Member)!.Mailbox;

    /// <summary>Being in <c>a/b/c</c> is being in <c>a/b</c> and in <c>a</c> (wire reference 4.1).</summary>
    private static void AddGroups(Dictionary<string, HashSet<Addressee>> groups, IEnumerable<string> names, Addressee addressee)
    {
        foreach (string name in names)
        {
            for (string ancestor = name; ; ancestor = ancestor[..ancestor.LastIndexOf('/')])
            {
                Add(groups, ancestor, addressee);
                if (!ancestor.Contains('/', StringComparison.Ordinal))
                    break;
            }
        }
    }

    private static void Add(Dictionary<string, HashSet<Addressee>> sets, string name, Addressee addressee)
    {
        if (!sets.TryGetValue(name, out HashSet<Addressee>? set))
            sets[name] = set = [];

        set.Add(addressee);
    }

    private static FrozenDictionary<string, ImmutableArray<Addressee>> Freeze(Dictionary<string, HashSet<Addressee>> sets) =>
        sets.ToFrozenDictionary(
            set => set.Key,
            set => set.Value.OrderBy(each => each.Mailbox.Value).ToImmutableArray(),
            StringComparer.Ordinal);

    private static FrozenSet<(MemberNo Recipient, MemberNo Sender)> Denied(Workspace workspace, Capability capability) =>
        OfMembers(workspace).Where(one => !one.Grant.Capabilities.HasFlag(capability))
            .Select(one => (one.Grant.Recipient, one.Sender)).ToFrozenSet();

    private static IEnumerable<(Grant Grant, MemberNo Sender)> OfMembers(Workspace workspace)
    {
        foreach (Grant grant in workspace.Grants.All)
        {
            if (workspace.Members.Find(grant.Sender) is { } sender)
                yield return (grant, sender.No);
        }
    }

    /// <summary>A key that is no member's is a session's, here or not: an entry holds before and after the session is.</summary>
    private static FrozenSet<(MemberNo Recipient, PublicKey Session)> SessionsDenied(Workspace workspace, Capability capability) =>
        workspace.Grants.All
            .Where(grant => !grant.Capabilities.HasFlag(capability) && workspace.Members.Find(grant.Sender) is null)
            .Select(grant => (grant.Recipient, grant.Sender)).ToFrozenSet();
}
