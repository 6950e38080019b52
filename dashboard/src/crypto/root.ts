// keys.md 5: back = nonce 24 ‖ AEAD(HKDF(new root, "claudemesh/back/<scope>/<epoch>"), nonce, old root, aad = old root_id),
// copy = crypto_box_seal(root key, X25519(recipient)): 80 bytes.

import * as aead from './aead';
import * as boxes from './boxes';
import type { Bytes } from './bytes';
import type { SigningKey } from './ed25519';
import { bytesOf, type Digest, digestOf, type PublicKey } from './ids';
import { derive, labels } from './labels';
import { Secret } from './secret';

export const rootSize = 32;

/** Under which root key something is written. `rootId` is never optional: the cipher does not commit to its key, this does. */
export interface RootReference {
  readonly scope: string;
  readonly epoch: number;
  readonly rootId: Digest;
}

export function sameRoot(one: RootReference | null, other: RootReference | null): boolean {
  return one?.scope === other?.scope && one?.epoch === other?.epoch && one?.rootId === other?.rootId;
}

/** The root key of one epoch of one scope: 32 random bytes that every key of the scope is derived from. */
export class RootKey {
  /** The public commitment to the key: a copy that gives another one is a wrong copy, whoever it came from. */
  readonly id: Digest;
  private readonly secret: Secret;

  /** Takes a copy of the 32 bytes. */
  constructor(value: Bytes, readonly meshId: string, readonly scope: string, readonly epoch: number) {
    if (value.length !== rootSize) throw new RangeError(`A root key has ${rootSize} bytes.`);
    this.secret = new Secret(value);
    const id = this.derive(labels.rootId(scope, epoch));
    this.id = digestOf(id.expose());
    id.wipe();
  }

  static generate(meshId: string, scope: string, epoch: number): RootKey {
    const random = Secret.random(rootSize);
    const root = new RootKey(random.expose(), meshId, scope, epoch);
    random.wipe();
    return root;
  }

  /** Opens a copy, and believes it only when it gives the root id that the log has. */
  static tryOpenCopy(recipient: SigningKey, copy: Bytes, meshId: string, reference: RootReference): RootKey | null {
    const value = boxes.open(recipient, copy);
    if (value === null) return null;
    const root = accept(value.expose(), meshId, reference);
    value.wipe();
    return root;
  }

  get reference(): RootReference {
    return { scope: this.scope, epoch: this.epoch, rootId: this.id };
  }

  derive(label: string): Secret {
    return derive(this.secret.expose(), this.meshId, label);
  }

  /** A copy for one member or invite key: 80 bytes; null for a key that nothing can be sealed to. */
  sealFor(recipient: PublicKey, ephemeral?: Secret): Bytes | null {
    return boxes.seal(recipient, this.secret.expose(), ephemeral);
  }

  /** The link from this epoch to the one before: who has this key can read the old one. */
  sealBack(old: RootKey, nonce?: Bytes): Bytes {
    const key = this.derive(labels.back(this.scope, this.epoch));
    const back = aead.sealWithNonce(key.expose(), old.secret.expose(), bytesOf(old.id), nonce);
    key.wipe();
    return back;
  }

  openBack(back: Bytes, older: RootReference): RootKey | null {
    const key = this.derive(labels.back(this.scope, this.epoch));
    const value = aead.openWithNonce(key.expose(), back, bytesOf(older.rootId));
    key.wipe();
    if (value === null) return null;
    const root = accept(value, this.meshId, older);
    value.fill(0);
    return root;
  }

  /** The bytes themselves, to be wrapped for the store. */
  expose(): Bytes {
    return this.secret.expose();
  }

  wipe(): void {
    this.secret.wipe();
  }

  toString(): string {
    return `(root key of ${this.scope}, epoch ${this.epoch})`;
  }
}

function accept(value: Bytes, meshId: string, reference: RootReference): RootKey | null {
  if (value.length !== rootSize) return null;
  const root = new RootKey(value, meshId, reference.scope, reference.epoch);
  if (root.id === reference.rootId) return root;
  root.wipe();
  return null;
}
