import { boxKey } from '../boxes';
import type { PublicKey } from '../ids';
import { derive, labels } from '../labels';
import type { MemberKey } from '../member';
import type { Secret } from '../secret';

const capacity = 1024;

/** The keys that one member shares with each of its peers. Agreement costs far more than a message, so the last ones are kept. */
export class PairKeys {
  private readonly keys = new Map<PublicKey, Secret>();

  /** @param own Stays the caller's; must live longer than this. */
  constructor(private readonly own: MemberKey, private readonly meshId: string) {}

  /** The AEAD key of direct messages of the pair in this workspace; it stays ours. Null for a key that no agreement is possible with. */
  directKey(peer: PublicKey): Secret | null {
    const kept = this.keys.get(peer);
    if (kept !== undefined) return kept;
    const box = boxKey(this.own.key, peer);
    if (box === null) return null;
    const key = derive(box.expose(), this.meshId, labels.direct);
    box.wipe();
    if (this.keys.size >= capacity) this.forget(this.keys.keys().next().value!);
    this.keys.set(peer, key);
    return key;
  }

  wipe(): void {
    for (const peer of [...this.keys.keys()]) this.forget(peer);
  }

  private forget(peer: PublicKey): void {
    this.keys.get(peer)?.wipe();
    this.keys.delete(peer);
  }
}
