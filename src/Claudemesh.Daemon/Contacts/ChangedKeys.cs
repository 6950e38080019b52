using Claudemesh.Daemon.Workspaces;
using Claudemesh.Local;

namespace Claudemesh.Daemon.Contacts;

/// <summary>
/// The members whose key has changed by their own signature. It is told until this person compares the new safety number, or for a month: the change is good,
/// and what was compared before says nothing any more.
/// </summary>
internal static class ChangedKeys
{
    public static readonly TimeSpan ToldFor = TimeSpan.FromDays(30);

    public static IEnumerable<KeyChange> Of(LiveWorkspace workspace, DateTimeOffset now) =>
        from contact in workspace.Pins.All
        where contact is { VerifiedAt: null, FormerKey: not null } && IsNew(contact, now) && !workspace.Identity.IsOwn(contact.Key)
        orderby contact.ChangedAt
        select new KeyChange(
            workspace.Row.Slug, contact.Name, contact.Key.ToString(), contact.FormerKey!.Value.ToString(), DateTimeOffset.FromUnixTimeMilliseconds(contact.ChangedAt!.Value));

    /// <summary>When the key of a member changed, while that is to be told; null otherwise.</summary>
    public static DateTimeOffset? TellOf(Contact? contact, DateTimeOffset now) =>
        contact is { VerifiedAt: null, FormerKey: not null } && IsNew(contact, now) ? DateTimeOffset.FromUnixTimeMilliseconds(contact.ChangedAt!.Value) : null;

    private static bool IsNew(Contact contact, DateTimeOffset now) => contact.ChangedAt is { } at && now - DateTimeOffset.FromUnixTimeMilliseconds(at) < ToldFor;
}
