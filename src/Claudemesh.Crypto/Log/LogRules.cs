using System.Collections.Immutable;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Crypto;

/// <summary>
/// The rules of keys.md 4, one function for each type of record. In a workspace's log the owner and admins act; in a topic's log its
/// leads do, and whatever they say must be true of the workspace too.
/// </summary>
/// <param name="Mesh">The workspace's log where <paramref name="Now"/> is a topic's, else null.</param>
internal readonly partial record struct LogRules(Membership Now, LogRecord Record, Membership? Mesh)
{
    private long At => Record.Text.At;

    private PublicKey Author => Record.Author;

    internal LogVerdict Judge()
    {
        if (Record.Body is LogBody.Genesis genesis)
            return Begin(genesis);
        if (Record.Body is LogBody.Join join)
            return Join(join);
        if (!Now.Members.TryGetValue(Author, out LogMember? author))
            return LogRefusal.NotMember;

        return Record.Body switch
        {
            LogBody.Policy policy => SetPolicy(author, policy),
            LogBody.Invite invite => OpenInvite(author, invite),
            LogBody.Uninvite uninvite => Revoke(author, uninvite),
            LogBody.Admit admit => Admit(author, admit),
            LogBody.Role role => ChangeRole(author, role),
            LogBody.Remove remove => Remove(author, remove),
            LogBody.KeyChange change => ChangeKey(author, change),
            LogBody.Epoch epoch => Rotate(author, epoch),
            _ => LogRefusal.UnknownType,
        };
    }

    private LogVerdict Begin(LogBody.Genesis genesis)
    {
        if (Mesh is not null && !IsKnownToMesh(Author, genesis.OwnerMemberId))
            return LogRefusal.NotInWorkspace;

        LogRole first = Mesh is null ? LogRole.Owner : LogRole.Lead;
        return Enter(Author, new LogMember(genesis.OwnerMemberId, first, MemberKind.Person)) with
        {
            Pin = Record.Hash,
            EncryptionRequired = genesis.EncryptionRequired,
        };
    }

    private LogVerdict SetPolicy(LogMember author, LogBody.Policy policy)
    {
        if (!Leads(author))
            return LogRefusal.NotAllowed;
        if (Mesh is not null && (policy.TopicId is null || RootReference.TopicScope(policy.TopicId) != Now.Scope))
            return LogRefusal.WrongScope;

        return policy.TopicId is { } topic
            ? Now with { PlainTopics = Now.PlainTopics.SetItem(topic, policy.PlainIn) }
            : Now with { EncryptionRequired = policy.EncryptionRequired };
    }

    private LogVerdict Rotate(LogMember author, LogBody.Epoch epoch)
    {
        if (!Leads(author) && !Now.RotationOwed && Now.Epoch > 0)
            return LogRefusal.NotAllowed;
        if (epoch.Number != Now.Epoch + 1)
            return LogRefusal.WrongEpoch;
        if (epoch.Recipients != Membership.HashOf(Now.RecipientsAt(At)))
            return LogRefusal.WrongRecipients;

        return Now with { Epochs = Now.Epochs.Add(epoch), RotationOwed = false };
    }

    private bool IsKnownToMesh(PublicKey key, string memberId) => Mesh!.Keys.TryGetValue(key, out KeyPast? past) && past.MemberId == memberId;

    private static bool Leads(LogMember author) => author.Role is LogRole.Owner or LogRole.Admin or LogRole.Lead;

    /// <summary>Whether this author may give somebody this role here.</summary>
    private LogRefusal CheckGrant(LogMember author, LogRole role)
    {
        bool exists = Mesh is null ? role is LogRole.Admin or LogRole.Member : role is LogRole.Lead or LogRole.Member or LogRole.Observer;
        if (!exists)
            return LogRefusal.BadRole;

        bool may = author.Role is LogRole.Owner or LogRole.Lead || (author.Role is LogRole.Admin && role is LogRole.Member);
        return may ? LogRefusal.None : LogRefusal.NotAllowed;
    }

    /// <summary>A key that a member of this log may take: one that signs alike everywhere, that the log has not seen, and no invite's.</summary>
    private LogRefusal CheckNewKey(PublicKey key)
    {
        bool isNew = Ed25519.IsAcceptable(key)
            && !Now.Keys.ContainsKey(key)
            && !Now.Invites.Values.Any(invite => invite.Key == key);
        return isNew ? LogRefusal.None : LogRefusal.BadKey;
    }

    private Membership Enter(PublicKey key, LogMember member)
    {
        ImmutableList<Stay> before = Now.Keys.TryGetValue(key, out KeyPast? past) ? past.Stays : [];
        Stay stay = new(Now.Epoch, At, UntilEpoch: null, UntilAt: null);
        return Now with
        {
            Members = Now.Members.Add(key, member),
            MemberIds = Now.MemberIds.Add(member.MemberId),
            Keys = Now.Keys.SetItem(key, new KeyPast(member.MemberId, before.Add(stay), past?.Followers ?? [], Successor: null, past?.WasLost ?? false)),
        };
    }

    private Membership Leave(PublicKey key, PublicKey? successor, bool lost)
    {
        KeyPast past = Now.Keys[key];
        int last = past.Stays.Count - 1;
        Stay ended = past.Stays[last] with { UntilEpoch = Now.Epoch, UntilAt = At };
        KeyPast after = past with
        {
            Stays = past.Stays.SetItem(last, ended),
            Followers = successor is { } follower ? past.Followers.Add(follower) : past.Followers,
            Successor = successor,
            WasLost = past.WasLost || lost,
        };
        return Now with { Members = Now.Members.Remove(key), Keys = Now.Keys.SetItem(key, after) };
    }
}
