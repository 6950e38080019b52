using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Crypto;

/// <summary>Invites are the workspace's: into a topic with a log of its own its lead admits.</summary>
internal readonly partial record struct LogRules
{
    private LogVerdict OpenInvite(LogMember author, LogBody.Invite invite)
    {
        if (Mesh is not null)
            return LogRefusal.WrongScope;

        LogRefusal refusal = CheckGrant(author, invite.Admits);
        if (refusal is not LogRefusal.None)
            return refusal;
        if (Now.Invites.ContainsKey(invite.InviteId))
            return LogRefusal.BadInvite;
        if (invite.ExpiresAt <= At)
            return LogRefusal.InviteClosed;

        refusal = CheckNewKey(invite.Key);
        return refusal is not LogRefusal.None
            ? refusal
            : Now with
            {
                Invites = Now.Invites.Add(
                    invite.InviteId, new LogInvite(invite.Key, invite.Admits, invite.UsesMax, Uses: 0, invite.ExpiresAt)),
            };
    }

    /// <summary>An expired invite can still be revoked: its holder may have the root, and expiry makes no rotation due.</summary>
    private LogVerdict Revoke(LogMember author, LogBody.Uninvite uninvite)
    {
        if (!Leads(author))
            return LogRefusal.NotAllowed;
        if (!Now.Invites.TryGetValue(uninvite.InviteId, out LogInvite? invite))
            return LogRefusal.BadInvite;
        if (invite.Ended || invite.Uses >= invite.UsesMax)
            return LogRefusal.InviteClosed;

        return Now with { Invites = Now.Invites.SetItem(uninvite.InviteId, invite with { Ended = true }), RotationOwed = true };
    }

    private LogVerdict Join(LogBody.Join join)
    {
        if (Mesh is not null)
            return LogRefusal.WrongScope;
        if (!Now.Invites.TryGetValue(join.InviteId, out LogInvite? invite))
            return LogRefusal.BadInvite;
        if (!invite.IsOpenAt(At))
            return LogRefusal.InviteClosed;

        LogRefusal refusal = CheckNewKey(Author);
        if (refusal is not LogRefusal.None)
            return refusal;
        if (Now.MemberIds.Contains(join.MemberId))
            return LogRefusal.IdTaken;
        if (!Ed25519.Verify(invite.Key, new JoinProofText(Now.MeshId, Now.Pin, join.InviteId, Author), join.Proof.Span))
            return LogRefusal.BadProof;

        return Enter(Author, new LogMember(join.MemberId, invite.Role, MemberKind.Person)) with
        {
            Invites = Now.Invites.SetItem(join.InviteId, invite with { Uses = invite.Uses + 1 }),
        };
    }
}
