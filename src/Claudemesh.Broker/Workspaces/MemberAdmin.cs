using System.Collections.Immutable;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

/// <summary>Changes to members of an open workspace: in the store first, then in its books.</summary>
internal sealed class MemberAdmin(MemberStore store)
{
    /// <summary>
    /// The member has proven its key with our hello: it is no longer taken for a 1.x client, and it may go by another name. Of whom the log knows
    /// the log alone says what he is.
    /// </summary>
    public async ValueTask<MeshMember> ProveAsync(
        Workspace workspace, MeshMember member, DisplayName? name, CancellationToken cancellationToken)
    {
        MeshMember proven = member with
        {
            Kind = member.Kind == MemberKind.Legacy && !workspace.Logs.Mesh.Log.Keys.ContainsKey(member.Key) ? MemberKind.Person : member.Kind,
            DisplayName = name?.Value ?? member.DisplayName,
        };
        if (proven == member)
            return member;

        await store.UpdateAsync(proven, cancellationToken);
        return workspace.Members.Change(member.No, now => now with { Kind = proven.Kind, DisplayName = proven.DisplayName });
    }

    /// <summary>The member goes by another name from now on.</summary>
    public async ValueTask RenameAsync(Workspace workspace, MeshMember member, DisplayName name, CancellationToken cancellationToken)
    {
        MeshMember known = workspace.Members.Find(member.No) ?? member;
        if (string.Equals(known.DisplayName, name.Value, StringComparison.Ordinal))
            return;

        await store.UpdateAsync(known with { DisplayName = name.Value }, cancellationToken);
        workspace.Members.Change(member.No, now => now with { DisplayName = name.Value });
    }

    /// <summary>Remembers the groups of a member over its absence, so that what is sent to them waits for it.</summary>
    public async ValueTask RegroupAsync(
        Workspace workspace, MeshMember member, ImmutableArray<GroupTag> groups, CancellationToken cancellationToken)
    {
        MeshMember known = workspace.Members.Find(member.No) ?? member;
        if (known.Groups.SequenceEqual(groups))
            return;

        MeshMember regrouped = known with { Groups = groups };
        await store.UpdateAsync(regrouped, cancellationToken);
        workspace.Members.Change(member.No, now => now with { Groups = groups });
    }

    /// <summary>A member that has just been added to the store becomes known to an open workspace.</summary>
    public static void Added(Workspace workspace, MeshMember member)
    {
        workspace.Members.Put(member);
        workspace.Addresses.Put(member.Address);
        workspace.RefreshDirectory();
    }
}
