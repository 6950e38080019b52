import { type Bytes, noBytes } from '../bytes';
import type { PublicKey } from '../ids';
import { RootKey, sameRoot } from '../root';
import type { EpochBody } from './body';
import type { LogDraft } from './draft';
import { Membership } from './membership';
import type { LogRefusal } from './refusal';

/** A root key sealed to one member or invite. The epoch's root id says whether it is the right one. */
export interface SealedCopy {
  readonly recipient: PublicKey;
  readonly copy: Bytes;
}

/**
 * Drafts the next epoch and makes its root. In a topic, members that the workspace has lost leave first, so the root is sealed to nobody who
 * should not have it.
 * @param old The root of the current epoch; null cuts the past off for those who come later.
 */
export function draftRotation(draft: LogDraft, old: RootKey | null, reason: string): RootKey | LogRefusal {
  if (old !== null && !sameRoot(old.reference, draft.state.findRoot(draft.state.epoch))) {
    throw new RangeError('The link backwards is to the root of the current epoch.');
  }
  for (const key of draft.state.gone(draft.mesh)) {
    const refusal = draft.add({ type: 'remove', key, reason: 'left the workspace' });
    if (refusal !== null) return refusal;
  }

  const { meshId, scope } = draft.state.is;
  const root = RootKey.generate(meshId, scope, draft.state.epoch + 1);
  const refusal = draft.add(announce(draft.state, root, old, draft.at, reason));
  if (refusal === null) return root;
  root.wipe();
  return refusal;
}

export function announce(state: Membership, root: RootKey, old: RootKey | null, at: number, reason: string): EpochBody {
  const back = old === null ? noBytes : root.sealBack(old);
  return { type: 'epoch', number: root.epoch, rootId: root.id, back, recipients: Membership.hashOf(state.recipientsAt(at)), reason };
}

/** The copies for everybody whom the epoch names. `at` is the time of the epoch's record. */
export function sealCopies(state: Membership, root: RootKey, at: number): SealedCopy[] {
  return state.recipientsAt(at).map((recipient) => sealCopy(root, recipient));
}

/** @throws RangeError when nothing can be sealed to this key; the log has none such. */
export function sealCopy(root: RootKey, recipient: PublicKey): SealedCopy {
  const copy = root.sealFor(recipient);
  if (copy === null) throw new RangeError('Nothing can be sealed to this key.');
  return { recipient, copy };
}
