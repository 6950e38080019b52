using System.Collections.Concurrent;
using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.Workspaces;

/// <summary>Whose mailbox this is.</summary>
/// <param name="Session">The session's key; null for a member's own mailbox.</param>
internal sealed record MailboxOwner(MailboxNo Mailbox, MemberNo Member, PublicKey MemberKey, PublicKey? Session)
{
    public PublicKey RoutingKey => Session ?? MemberKey;
}

/// <summary>Which key reads which mailbox, for the keys in use. What is not here is asked of the store and put in.</summary>
internal sealed class AddressBook
{
    /// <summary>Sessions kept at most; the book starts afresh above it, and the store knows them all.</summary>
    private const int SessionsMax = 50_000;

    private readonly ConcurrentDictionary<PublicKey, MailboxOwner> byKey = new();
    private readonly ConcurrentDictionary<MailboxNo, MailboxOwner> byMailbox = new();
    private int sessions;

    public MailboxOwner? Find(PublicKey key) => byKey.GetValueOrDefault(key);

    public MailboxOwner? Find(MailboxNo mailbox) => byMailbox.GetValueOrDefault(mailbox);

    public void Put(MailboxOwner owner)
    {
        if (owner.Session is not null && byKey.TryAdd(owner.RoutingKey, owner) && Interlocked.Increment(ref sessions) > SessionsMax)
            ForgetSessions();

        byKey[owner.RoutingKey] = owner;
        byMailbox[owner.Mailbox] = owner;
    }

    /// <summary>The member's mailbox, and those of its sessions that are in use, are its new key's from here on.</summary>
    public void ChangeKey(PublicKey old, MailboxOwner renewed)
    {
        foreach (MailboxOwner session in byMailbox.Values.Where(each => each.Session is not null && each.Member == renewed.Member))
            Put(session with { MemberKey = renewed.MemberKey });

        Put(renewed);
        byKey.TryRemove(old, out _);
    }

    private void ForgetSessions()
    {
        Interlocked.Exchange(ref sessions, 0);
        foreach (MailboxOwner owner in byMailbox.Values.Where(each => each.Session is not null))
        {
            byKey.TryRemove(owner.RoutingKey, out _);
            byMailbox.TryRemove(owner.Mailbox, out _);
        }
    }
}
