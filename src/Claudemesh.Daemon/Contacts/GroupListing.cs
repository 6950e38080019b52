using Claudemesh.Daemon.Self;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Contacts;

/// <summary>The groups of a workspace, as far as somebody is in them, by name.</summary>
internal static class GroupListing
{
    public static IEnumerable<Group> Of(LiveWorkspace workspace, Roster roster)
    {
        IReadOnlyList<GroupTag> mine = workspace.Self.Find(SelfBook.Member).Groups
            ?? roster.Peers.FirstOrDefault(peer => peer.MemberKey == workspace.Identity.Public && !peer.IsSession)?.Groups
            ?? [];
        IEnumerable<(string Group, string Member)> all =
            from member in roster.Members
            from name in member.Groups.Union(member.Key == workspace.Identity.Public ? mine.Select(tag => tag.Name) : [], StringComparer.Ordinal)
            select (name, member.Name);
        return all
            .GroupBy(one => one.Group, one => one.Member, StringComparer.Ordinal)
            .OrderBy(listed => listed.Key, StringComparer.Ordinal)
            .Select(listed =>
            {
                GroupTag[] own = [.. mine.Where(tag => string.Equals(tag.Name, listed.Key, StringComparison.Ordinal))];
                string? role = own.Length > 0 ? own[0].Role : null;
                return new Group(workspace.Row.Slug, listed.Key, own.Length > 0, role, [.. listed.Order(StringComparer.Ordinal)]);
            });
    }
}
