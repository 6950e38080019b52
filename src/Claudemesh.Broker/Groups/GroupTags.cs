using System.Collections.Immutable;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Groups;

/// <summary>A peer is in a group once, with one role.</summary>
internal static class GroupTags
{
    public static ImmutableArray<GroupTag> WithGroup(this ImmutableArray<GroupTag> groups, GroupTag group) =>
        [.. groups.WithoutGroup(group.Name), group];

    public static ImmutableArray<GroupTag> WithoutGroup(this ImmutableArray<GroupTag> groups, string name) =>
        groups.RemoveAll(each => string.Equals(each.Name, name, StringComparison.Ordinal));
}
