using Claudemesh.Protocol;
using Claudemesh.Protocol.Log;

namespace Claudemesh.Crypto;

/// <summary>The joiner's side of an invite (keys.md 8): it believes the package, and of the log only what agrees with it.</summary>
public static class Joining
{
    /// <summary>
    /// Whether the log that the broker gave is the one that the inviter meant, and the invite in it the one of this secret. Asked before
    /// anything is signed. The log was read with the package's pin.
    /// </summary>
    public static JoinRefusal Check(HeldLog log, in InvitePackageText package, InviteSecret secret, string inviteId)
    {
        if (log.Fork is { } fork)
            return fork.Refusal is LogRefusal.WrongPin ? JoinRefusal.OtherWorkspace : JoinRefusal.LogForked;
        if (package.MeshId != log.State.MeshId || package.Pin != log.State.Pin)
            return JoinRefusal.OtherWorkspace;
        if (package.Seq < 1 || log.HashAt(package.Seq) != package.Hash)
            return JoinRefusal.OtherLog;

        using SigningKey key = secret.DeriveKey(inviteId);
        return log.State.Invites.TryGetValue(inviteId, out LogInvite? invite) && invite.Key == key.Public
            ? JoinRefusal.None
            : JoinRefusal.OtherInvite;
    }

    /// <summary>Drafts the <c>join</c> of the draft's author. What the log says against it (used up, expired, ended) is its refusal.</summary>
    /// <param name="memberId">Made by the joiner.</param>
    public static LogRefusal Draft(LogDraft draft, InviteSecret secret, string inviteId, string memberId)
    {
        using SigningKey key = secret.DeriveKey(inviteId);
        byte[] proof = key.Sign(new JoinProofText(draft.State.MeshId, draft.State.Pin, inviteId, draft.Author));
        return draft.Add(new LogBody.Join(inviteId, memberId, proof));
    }
}

/// <summary>Why nobody should join by this invite: somebody between inviter and joiner shows something else than was meant.</summary>
public enum JoinRefusal
{
    None,

    /// <summary>The log begins with another record: another workspace.</summary>
    OtherWorkspace,

    /// <summary>The log does not have the record that the inviter named, or is older.</summary>
    OtherLog,

    /// <summary>The log breaks its rules.</summary>
    LogForked,

    /// <summary>The log has no such invite, or one with another key.</summary>
    OtherInvite,
}
