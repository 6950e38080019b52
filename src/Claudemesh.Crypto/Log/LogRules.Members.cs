using System.Collections.Immutable;
using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Crypto;

internal readonly partial record struct LogRules
{
    private LogVerdict Admit(LogMember author, LogBody.Admit admit)
    {
        LogRefusal refusal = CheckGrant(author, admit.As);
        if (refusal is not LogRefusal.None)
            return refusal;
        if (Mesh is not null && !IsKnownToMesh(admit.Key, admit.MemberId))
            return LogRefusal.NotInWorkspace;

        refusal = CheckAdmitted(admit);
        return refusal is not LogRefusal.None ? refusal : Enter(admit.Key, new LogMember(admit.MemberId, admit.As, admit.Kind));
    }

    /// <summary>A removed key comes back under the id it had. One that another key followed stays what it became.</summary>
    private LogRefusal CheckAdmitted(LogBody.Admit admit)
    {
        if (Now.Keys.TryGetValue(admit.Key, out KeyPast? past))
        {
            if (Now.Members.ContainsKey(admit.Key) || past.Successor is not null)
                return LogRefusal.BadKey;
            return past.MemberId == admit.MemberId ? LogRefusal.None : LogRefusal.IdTaken;
        }

        LogRefusal refusal = CheckNewKey(admit.Key);
        if (refusal is not LogRefusal.None)
            return refusal;
        return Now.MemberIds.Contains(admit.MemberId) ? LogRefusal.IdTaken : LogRefusal.None;
    }

    private LogVerdict ChangeRole(LogMember author, LogBody.Role role)
    {
        if (author.Role is not (LogRole.Owner or LogRole.Lead))
            return LogRefusal.NotAllowed;
        if (!Now.Members.TryGetValue(role.Key, out LogMember? member))
            return LogRefusal.UnknownMember;
        if (member.Role is LogRole.Owner)
            return LogRefusal.OwnerStays;
        if (Mesh is null && role.Becomes is LogRole.Owner)
            return HandOver(author, role.Key, member);

        LogRefusal refusal = CheckGrant(author, role.Becomes);
        return refusal is not LogRefusal.None
            ? refusal
            : Now with { Members = Now.Members.SetItem(role.Key, member with { Role = role.Becomes }) };
    }

    /// <summary>Never to a 1.x key: it cannot sign records, and only the owner makes another owner.</summary>
    private LogVerdict HandOver(LogMember author, PublicKey key, LogMember member) => member.Kind is MemberKind.Legacy
        ? LogRefusal.BadRole
        : Now with
        {
            Members = Now.Members
                .SetItem(key, member with { Role = LogRole.Owner })
                .SetItem(Author, author with { Role = LogRole.Admin }),
        };

    private LogVerdict Remove(LogMember author, LogBody.Remove remove)
    {
        if (!Now.Members.TryGetValue(remove.Key, out LogMember? member))
            return LogRefusal.UnknownMember;
        if (member.Role is LogRole.Owner)
            return LogRefusal.OwnerStays;

        bool may = remove.Key == Author
            || author.Role is LogRole.Owner or LogRole.Lead
            || (author.Role is LogRole.Admin && member.Role is LogRole.Member);

        // Whom the workspace has lost any member of a topic may see out.
        if (!may && !(Mesh is not null && Mesh.Keys.TryGetValue(remove.Key, out KeyPast? past) && past.WasLost))
            return Mesh is null ? LogRefusal.NotAllowed : LogRefusal.NotInWorkspace;

        // The removed member may hold the secret of any open invite.
        ImmutableDictionary<string, LogInvite> ended = Now.Invites.SetItems(
            from invite in Now.Invites
            where !invite.Value.Ended
            select KeyValuePair.Create(invite.Key, invite.Value with { Ended = true }));
        return Leave(remove.Key, successor: null, lost: true) with { Invites = ended, RotationOwed = true };
    }

    private LogVerdict ChangeKey(LogMember author, LogBody.KeyChange change)
    {
        LogRefusal refusal = IsOwnBefore(author, change.NewKey) ? LogRefusal.None : CheckNewKey(change.NewKey);
        if (refusal is not LogRefusal.None)
            return refusal;
        if (!Ed25519.Verify(change.NewKey, new KeyProofText(Now.MeshId, Author, change.NewKey), change.NewSignature.Span))
            return LogRefusal.BadProof;

        // A topic follows what the workspace has said of the same key, and takes nothing lighter than it did.
        if (Mesh is not null && !(Mesh.HasBecome(Author, change.NewKey) && (change.Compromised || !Mesh.Keys[Author].WasLost)))
            return LogRefusal.NotInWorkspace;

        // Who can sign this is a client of ours, whatever its old key was.
        LogMember moved = author.Kind is MemberKind.Legacy ? author with { Kind = MemberKind.Person } : author;
        Membership left = Leave(Author, change.NewKey, change.Compromised);
        return new LogRules(left, Record, Mesh).Enter(change.NewKey, moved) with { RotationOwed = Now.RotationOwed || change.Compromised };
    }

    /// <summary>A change can be taken back: a member may go on under an earlier key of its own, unless that was removed or given up as compromised.</summary>
    private bool IsOwnBefore(LogMember author, PublicKey key) =>
        Now.Keys.TryGetValue(key, out KeyPast? past) && past is { Successor: not null, WasLost: false } && past.MemberId == author.MemberId;
}
