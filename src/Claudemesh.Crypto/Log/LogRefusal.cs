namespace Claudemesh.Crypto;

/// <summary>Why a record is not taken. A client that is shown such a record has a forked log; a broker refuses the append.</summary>
public enum LogRefusal
{
    None,

    /// <summary>Not the bytes of a record, or of the body that its type names.</summary>
    Malformed,

    /// <summary>A type of a later version: only a newer client can follow this log.</summary>
    UnknownType,

    /// <summary>The author's key did not sign it, or is none that may sign.</summary>
    BadSignature,

    /// <summary>Of another workspace or scope.</summary>
    WrongScope,

    /// <summary>Does not extend the head: somebody was quicker, or the log forks.</summary>
    NotNext,

    /// <summary>The first record is not a genesis, or a later one is.</summary>
    NotGenesis,

    /// <summary>The first record is another one than the workspace is known by.</summary>
    WrongPin,

    /// <summary>Its time is before that of the record before it.</summary>
    TimeFell,

    /// <summary>Its time is more than 5 minutes ahead. Only a broker asks, and only when it is appended.</summary>
    TimeAhead,

    /// <summary>
    /// A topic's record builds on something that the workspace's log, as far as it was read, does not say: read that one on, then ask
    /// again. Until then it is not taken.
    /// </summary>
    NotInWorkspace,

    /// <summary>The author is no member of the scope.</summary>
    NotMember,

    /// <summary>The author's role does not allow it.</summary>
    NotAllowed,

    /// <summary>Names a key that is no member.</summary>
    UnknownMember,

    /// <summary>A key that is a member, was one, or is none that may sign.</summary>
    BadKey,

    /// <summary>The member id is another key's.</summary>
    IdTaken,

    /// <summary>A role that this scope does not have, or that cannot be given so.</summary>
    BadRole,

    /// <summary>The owner can hand the workspace over; he can neither leave nor be removed.</summary>
    OwnerStays,

    /// <summary>No such invite, or its id was used before.</summary>
    BadInvite,

    /// <summary>The invite is used up, expired, revoked or ended.</summary>
    InviteClosed,

    /// <summary>The invite's secret, or the new key, did not sign what it must sign.</summary>
    BadProof,

    /// <summary>Not the epoch after the current one.</summary>
    WrongEpoch,

    /// <summary>The epoch was sealed to others than the scope's members and open invites.</summary>
    WrongRecipients,
}
