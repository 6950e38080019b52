/** Why a record is not taken. A client that is shown such a record has a forked log; a broker refuses the append. */
export type LogRefusal =
  /** Not the bytes of a record, or of the body that its type names. */
  | 'Malformed'
  /** A type of a later version: only a newer client can follow this log. */
  | 'UnknownType'
  /** The author's key did not sign it, or is none that may sign. */
  | 'BadSignature'
  /** Of another workspace or scope. */
  | 'WrongScope'
  /** Does not extend the head: somebody was quicker, or the log forks. */
  | 'NotNext'
  /** The first record is not a genesis, or a later one is. */
  | 'NotGenesis'
  /** The first record is another one than the workspace is known by. */
  | 'WrongPin'
  /** Its time is before that of the record before it. */
  | 'TimeFell'
  /** A topic's record builds on something that the workspace's log, as far as it was read, does not say: read that one on, then ask again. */
  | 'NotInWorkspace'
  /** The author is no member of the scope. */
  | 'NotMember'
  /** The author's role does not allow it. */
  | 'NotAllowed'
  /** Names a key that is no member. */
  | 'UnknownMember'
  /** A key that is a member, was one, or is none that may sign. */
  | 'BadKey'
  /** The member id is another key's. */
  | 'IdTaken'
  /** A role that this scope does not have, or that cannot be given so. */
  | 'BadRole'
  /** The owner can hand the workspace over; he can neither leave nor be removed. */
  | 'OwnerStays'
  /** No such invite, or its id was used before. */
  | 'BadInvite'
  /** The invite is used up, expired, revoked or ended. */
  | 'InviteClosed'
  /** The invite's secret, or the new key, did not sign what it must sign. */
  | 'BadProof'
  /** Not the epoch after the current one. */
  | 'WrongEpoch'
  /** The epoch was sealed to others than the scope's members and open invites. */
  | 'WrongRecipients';
