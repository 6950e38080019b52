using Claudemesh.Crypto;
using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Contacts;

/// <summary>
/// The safety numbers of a workspace: over member keys, so that both sides compute the same one whatever session they write from. 1.x members have
/// the 30 digits that their program shows.
/// </summary>
internal static class SafetyListing
{
    public static IEnumerable<Safety> Of(LiveWorkspace workspace, Roster roster)
    {
        foreach (RosterMember member in roster.Members.Where(member => member.Key != workspace.Identity.Public && (!member.Unverified || member.Kind is MemberKinds.Legacy)))
            yield return Of(workspace, member.Name, member.Key, member.Kind, isChanged: false);

        foreach (RosterMember member in roster.Replaced)
        {
            if (workspace.Pins.FindMember(member.MemberId) is { } pin)
                yield return Of(workspace, pin.Name, pin.Key, pin.Kind, isChanged: true);
        }
    }

    /// <param name="isChanged">The broker shows another key for this member than the one pinned, which is the one compared here.</param>
    public static Safety Of(LiveWorkspace workspace, string name, PublicKey key, string kind, bool isChanged)
    {
        Contact? pin = workspace.Pins.Find(key);
        long? verifiedAt = pin?.VerifiedAt;
        PublicKey self = workspace.Identity.Public;
        string number = kind is MemberKinds.Legacy ? SafetyNumber.OfLegacy(self, key) : SafetyNumber.Of(workspace.Row.MeshId, self, key);
        return new Safety(
            workspace.Row.Slug,
            name,
            key.ToString(),
            kind,
            number,
            verifiedAt is not null,
            verifiedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
            isChanged,
            ChangedKeys.TellOf(pin, workspace.Clock.GetUtcNow()));
    }
}
