import { type InvitePackage, type InviteSecret, joinProofText, sealPackage } from '../invite';
import type { Bytes } from '../bytes';
import { type RootKey, sameRoot } from '../root';
import type { LogRole } from './body';
import type { LogDraft } from './draft';
import type { HeldLog } from './held';
import type { LogRefusal } from './refusal';
import { type SealedCopy, sealCopy } from './rotation';

/** Why nobody should join by this invite: somebody between inviter and joiner shows something else than was meant. */
export type JoinRefusal =
  /** The log begins with another record: another workspace. */
  | 'OtherWorkspace'
  /** The log does not have the record that the inviter named, or is older. */
  | 'OtherLog'
  /** The log breaks its rules. */
  | 'LogForked'
  /** The log has no such invite, or one with another key. */
  | 'OtherInvite';

/**
 * Whether the log that the broker gave is the one that the inviter meant, and the invite in it the one of this secret. Asked before
 * anything is signed; null when all is as meant. The log was read with the package's pin.
 */
export function checkInvite(log: HeldLog, invited: InvitePackage, secret: InviteSecret, inviteId: string): JoinRefusal | null {
  if (log.fork !== null) return log.fork.refusal === 'WrongPin' ? 'OtherWorkspace' : 'LogForked';
  if (invited.meshId !== log.state.is.meshId || invited.pin !== log.state.is.pin) return 'OtherWorkspace';
  if (invited.seq < 1 || log.hashAt(invited.seq) !== invited.hash) return 'OtherLog';

  const key = secret.deriveKey(inviteId);
  key.wipe();
  return log.state.is.invites.get(inviteId)?.key === key.public ? null : 'OtherInvite';
}

/** Drafts the `join` of the draft's author. What the log says against it (used up, expired, ended) is its refusal. */
export function draftJoin(draft: LogDraft, secret: InviteSecret, inviteId: string, memberId: string): LogRefusal | null {
  const { meshId, pin } = draft.state.is;
  const key = secret.deriveKey(inviteId);
  const proof = key.sign(joinProofText(meshId, pin, inviteId, draft.author.public));
  key.wipe();
  return draft.add({ type: 'join', inviteId, memberId, proof });
}

/** What the broker keeps for an open invite besides its record. Neither says anything to somebody without the secret. */
export interface Invitation {
  readonly package: Bytes;
  /** The current root, sealed to the invite key; null before the first epoch. */
  readonly root: SealedCopy | null;
}

/** Drafts the `invite` record and makes what goes with it. `root` is the current one, or null in a workspace that has none yet. */
export function draftInvite(
  draft: LogDraft,
  secret: InviteSecret,
  invite: { readonly inviteId: string; readonly admits: LogRole; readonly usesMax: number; readonly expiresAt: number },
  root: RootKey | null,
): Invitation | LogRefusal {
  if (!sameRoot(root?.reference ?? null, draft.state.findRoot(draft.state.epoch))) {
    throw new RangeError('An invite is given the root of the current epoch.');
  }
  const key = secret.deriveKey(invite.inviteId);
  key.wipe();
  const refusal = draft.add({ type: 'invite', key: key.public, ...invite });
  if (refusal !== null) return refusal;

  const { meshId, pin, head } = draft.state.is;
  const invited = { meshId, pin, inviter: draft.author.public, seq: head.seq, hash: head.hash };
  return { package: sealPackage(secret, invite.inviteId, invited), root: root === null ? null : sealCopy(root, key.public) };
}
