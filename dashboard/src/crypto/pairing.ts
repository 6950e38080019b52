import * as crockford from './crockford';
import { type Bytes, concat } from './bytes';
import { bytesOf, keySize, type PublicKey, publicKeyOf } from './ids';
import { deriveRaw, labels } from './labels';
import { readFragment, writeFragment } from './fragment';
import { Secret } from './secret';
import { sha256 } from './hashing';

const size = 16;
const version = '1';

/**
 * The 16 bytes that a new machine shows to its person and never sends to the broker (keys.md 7): without them nobody can write the
 * approval, and without the machine's own key nobody can read it.
 */
export class PairingSecret {
  private readonly secret: Secret;

  constructor(value: Bytes) {
    if (value.length !== size) throw new RangeError(`A pairing secret has ${size} bytes.`);
    this.secret = new Secret(value);
  }

  static generate(): PairingSecret {
    const random = Secret.random(size);
    const pairing = new PairingSecret(random.expose());
    random.wipe();
    return pairing;
  }

  /** Reads what follows the `#` of the verification link: the secret and the machine's public key. */
  static tryFragment(fragment: string): { pairing: PairingSecret; device: PublicKey } | null {
    const both = readFragment(fragment, version, size + keySize);
    if (both === null) return null;
    const parsed = { pairing: new PairingSecret(both.slice(0, size)), device: publicKeyOf(both.slice(size)) };
    both.fill(0);
    return parsed;
  }

  /** Reads the 26 characters that a person typed. */
  static tryTyped(typed: string): PairingSecret | null {
    const value = crockford.decode(typed, size * 8);
    if (value === null) return null;
    const pairing = new PairingSecret(value);
    value.fill(0);
    return pairing;
  }

  toFragment(device: PublicKey): string {
    return writeFragment(version, concat(this.secret.expose(), bytesOf(device)));
  }

  /** 26 characters to be typed. */
  toTypedText(): string {
    return crockford.encode(this.secret.expose(), size * 8);
  }

  deriveApprovalKey(approvalText: Bytes): Secret {
    return deriveRaw(this.secret.expose(), sha256(approvalText), labels.deviceApproval);
  }

  wipe(): void {
    this.secret.wipe();
  }

  toString(): string {
    return '(pairing secret)';
  }
}
