/** Why a version 3 message, or an object, is not shown. */
export type MessageRefusal =
  /** The header is not one, or has more than it may have. */
  | 'BadHeader'
  /** Header and frame differ, or the frame is of another workspace. */
  | 'FrameMismatch'
  /** Not addressed to this member, or not of the kind that was expected. */
  | 'WrongTarget'
  /** A direct message of 45 days or more. */
  | 'TooOld'
  /** A direct message from more than 5 minutes ahead. */
  | 'TooFarAhead'
  /** Under another root key than the log has for that epoch and address. */
  | 'WrongRoot'
  /** Under a root that this reader has no copy of and no link to. */
  | 'NoRoot'
  /** The log knows no such member in that epoch, or for a direct message at that time. */
  | 'NotAMember'
  /** The sender's key is none that a key can be agreed with. */
  | 'BadSenderKey'
  /** Wrong key, or a bit has changed. */
  | 'DoesNotOpen'
  /** It opens and holds something that no sender of ours makes. */
  | 'BadPayload'
  /** An object of an earlier revision than this client has shown. */
  | 'OlderThanSeen'
  /** The sender's member key did not sign it. */
  | 'BadSignature';
