using Claudemesh.Broker.Workspaces;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Grants;

/// <summary>Capabilities as they travel: a list of words, in the order of the wire reference.</summary>
internal static class CapabilityWords
{
    private static readonly GrantedCapability[] All = Enum.GetValues<GrantedCapability>();

    public static Capability Read(GrantedCapability[]? words) =>
        (words ?? []).Aggregate(Capability.None, static (all, word) => all | Bit(word));

    public static MemberGrant Write(MeshMember member, Capability capabilities) => new(
        member.DisplayName,
        member.Key,
        [.. All.Where(word => capabilities.HasFlag(Bit(word)))],
        capabilities == Capability.Default);

    // The flags are in the order of the words.
    private static Capability Bit(GrantedCapability word) => (Capability)(1 << (int)word);
}
