using System.Collections.Concurrent;
using Claudemesh.Crypto;
using Claudemesh.Protocol;

namespace Claudemesh.Daemon.Contacts;

/// <summary>One workspace's pins in memory, for the receive path: a message must not cost a query.</summary>
internal sealed class PinBook(long workspaceNo, ContactStore contacts)
{
    private readonly ConcurrentDictionary<PublicKey, Contact> byKey = new(contacts.List(workspaceNo).Select(contact => KeyValuePair.Create(contact.Key, contact)));

    /// <summary>Called after what was verified has changed. It must return quickly.</summary>
    public Action WhenMarked { get; set; } = static () => { };

    public Contact? Find(PublicKey key) => byKey.GetValueOrDefault(key);

    public Contact? FindMember(string memberId) => byKey.Values.FirstOrDefault(contact => string.Equals(contact.MemberId, memberId, StringComparison.Ordinal));

    /// <summary>The name pinned for a key, else the beginning of the key.</summary>
    public string NameOf(PublicKey key) => Find(key)?.Name ?? key.ToString()[..8];

    public IEnumerable<Contact> All => byKey.Values;

    /// <summary>Pins a listing; see <see cref="ContactStore.PinAsync"/>.</summary>
    public async Task<PinnedListing> PinAsync(IReadOnlyList<RosterMember> listed, CancellationToken cancellationToken)
    {
        PinnedListing pinned = await contacts.PinAsync(workspaceNo, listed, cancellationToken);
        foreach (Contact contact in pinned.Changed)
            Put(contact);
        foreach (PublicKey key in pinned.Doubted)
            Mark(key, null);
        return pinned;
    }

    /// <summary>This person has compared the key's safety number; or takes that back.</summary>
    public async Task MarkVerifiedAsync(PublicKey key, bool verified, CancellationToken cancellationToken)
    {
        Mark(key, await contacts.MarkVerifiedAsync(workspaceNo, key, verified, cancellationToken));
        WhenMarked();
    }

    /// <summary>Another device of this person has compared the key's safety number. A key that is new here is pinned by that.</summary>
    public async Task TakeVerifiedAsync(PublicKey key, string name, long at, CancellationToken cancellationToken)
    {
        if (Find(key) is null)
        {
            var added = new Contact(key, null, name, MemberKinds.Person);
            await contacts.PinSenderAsync(workspaceNo, added, cancellationToken);
            byKey.TryAdd(key, added);
        }

        await contacts.SetVerifiedAsync(workspaceNo, key, at, cancellationToken);
        Mark(key, at);
    }

    /// <summary>
    /// Whether a key that has just signed a message may be believed: pinned, or new for its member, and then it is pinned now. Signed messages raise
    /// a legacy member for good.
    /// </summary>
    public async Task<bool> AdmitSenderAsync(PublicKey key, string? memberId, string name, CancellationToken cancellationToken)
    {
        if (byKey.TryGetValue(key, out Contact? pin) && pin.Kind is not MemberKinds.Legacy)
            return true;
        if (pin is null && memberId is not null && FindMember(memberId) is not null)
            return false;

        var raised = new Contact(key, pin?.MemberId ?? memberId, pin?.Name ?? name, MemberKinds.Person, FormerKey: pin?.FormerKey, ChangedAt: pin?.ChangedAt);
        await contacts.PinSenderAsync(workspaceNo, raised, cancellationToken);
        Put(raised);
        return true;
    }

    /// <summary>
    /// Moves pins to the keys that the log says they have become, and only there: what was verified of the old key is not verified of the new one. A pin whose
    /// member is gone stays.
    /// </summary>
    /// <returns>The pins that have moved.</returns>
    public async Task<IReadOnlyList<Contact>> FollowAsync(Membership log, CancellationToken cancellationToken)
    {
        var moved = new List<Contact>();
        foreach (Contact contact in byKey.Values)
        {
            if (log.Follow(contact.Key) is not { } now || now == contact.Key)
                continue;

            string kind = log.Members[now].Kind.ToString().ToLowerInvariant();
            long at = log.Keys[now].Stays[^1].FromAt;
            await contacts.MoveAsync(workspaceNo, contact.Key, now, kind, at, cancellationToken);
            byKey.TryRemove(contact.Key, out _);
            byKey[now] = contact with { Key = now, Kind = kind, VerifiedAt = null, FormerKey = contact.Key, ChangedAt = at };
            moved.Add(byKey[now]);
            WhenMarked();
        }

        return moved;
    }

    /// <summary>Pins members as the log has them, with the names that the broker gives.</summary>
    public async Task PinLoggedAsync(IEnumerable<RosterMember> members, CancellationToken cancellationToken)
    {
        Contact[] changed =
        [
            .. from member in members
               let pin = Find(member.Key)
               let now = new Contact(member.Key, member.MemberId, member.Name, member.Kind, pin?.VerifiedAt, pin?.FormerKey, pin?.ChangedAt)
               where now != pin
               select now,
        ];
        if (changed.Length > 0)
            await contacts.PinLoggedAsync(workspaceNo, changed, cancellationToken);
        foreach (Contact contact in changed)
            Put(contact);
    }

    /// <summary>Pins the sender of a message that opened, whom no listing has shown yet.</summary>
    public Task PinLoggedAsync(PublicKey key, LogMember member, string name, CancellationToken cancellationToken) => Find(key) is not null
        ? Task.CompletedTask
        : PinLoggedAsync([new RosterMember(key, member.MemberId, name, "", member.Kind.ToString().ToLowerInvariant(), false, null, [], [])], cancellationToken);

    /// <summary>Only <see cref="Mark"/> changes the mark: a listing may have been read before it was made.</summary>
    private void Put(Contact contact) => byKey.AddOrUpdate(
        contact.Key, contact, (_, there) => contact with { VerifiedAt = there.VerifiedAt, FormerKey = there.FormerKey, ChangedAt = there.ChangedAt });

    private void Mark(PublicKey key, long? verifiedAt)
    {
        if (byKey.TryGetValue(key, out Contact? contact))
            byKey[key] = contact with { VerifiedAt = verifiedAt };
    }
}
