import type { Bytes } from '../bytes';
import type { SigningKey } from '../ed25519';
import { RootKey, sameRoot } from '../root';
import type { Membership } from './membership';

/**
 * The roots of one scope that a member has. One copy of the newest opens the past by the links backwards, until an epoch that cut it off.
 * Whatever a copy or a link gives is compared with the log's root id, so it does not matter who sent it.
 */
export class RootHistory {
  private readonly roots = new Map<number, RootKey>();

  /** The newest root that is held, or null. */
  get newest(): RootKey | null {
    return this.roots.get(Math.max(...this.roots.keys())) ?? null;
  }

  /** Takes a root that this member made or kept; false, and wiped, when the log has another for its epoch. */
  tryAdd(log: Membership, root: RootKey): boolean {
    const right = sameRoot(log.findRoot(root.epoch), root.reference) && log.is.meshId === root.meshId;
    const held = this.roots.get(root.epoch);
    if (right && held === undefined) this.roots.set(root.epoch, root);
    else if (held !== root) root.wipe();
    return right;
  }

  /** Opens a copy of an epoch's root. False for a copy for somebody else, of another root, or of an epoch the log does not have. */
  tryOpen(log: Membership, epoch: number, recipient: SigningKey, copy: Bytes): boolean {
    if (this.roots.has(epoch)) return true;
    const reference = log.findRoot(epoch);
    const root = reference === null ? null : RootKey.tryOpenCopy(recipient, copy, log.is.meshId, reference);
    return root !== null && this.tryAdd(log, root);
  }

  /** The root of an epoch: held, or by the links from a newer one. Null when no copy and no link leads there. */
  find(log: Membership, epoch: number): RootKey | null {
    const held = this.roots.get(epoch);
    if (held !== undefined) return held;
    const newer = [...this.roots.keys()].filter((each) => each > epoch);
    if (log.findRoot(epoch) === null || newer.length === 0) return null;

    let from = this.roots.get(Math.min(...newer))!;
    while (from.epoch > epoch) {
      const announced = log.is.epochs[from.epoch - 1];
      const older = log.findRoot(from.epoch - 1);
      const root = announced === undefined || announced.back.length === 0 || older === null ? null : from.openBack(announced.back, older);
      if (root === null) return null;
      this.roots.set(root.epoch, root);
      from = root;
    }
    return from;
  }

  wipe(): void {
    for (const root of this.roots.values()) root.wipe();
    this.roots.clear();
  }
}
