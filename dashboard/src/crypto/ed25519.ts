// Ed25519: seed 32, public 32, signature 64, RFC 8032. The one rule of keys.md 1: noble checks with the cofactor and libsodium without,
// so a crafted signature would pass one and fail the other. A key must be canonical, not of small order and inside the main subgroup, and so
// must R: then both equations say the same.

import { ed25519 } from '@noble/curves/ed25519.js';
import { type Bytes, toHex } from './bytes';
import { bytesOf, type PublicKey, publicKeyOf } from './ids';
import { Secret } from './secret';

export const signatureSize = 64;
export const seedSize = 32;

const acceptedMax = 4096;
const accepted = new Map<PublicKey, boolean>();

/** An Ed25519 secret key and, converted, the X25519 key of the same holder: a device's, an account's, a member's, an invite's. */
export class SigningKey {
  readonly public: PublicKey;
  private readonly seed: Secret;

  /** Takes a copy of the 32-byte seed. */
  constructor(seed: Bytes) {
    if (seed.length !== seedSize) throw new RangeError(`A seed has ${seedSize} bytes.`);
    this.seed = new Secret(seed);
    this.public = publicKeyOf(ed25519.getPublicKey(seed));
  }

  static generate(): SigningKey {
    const seed = Secret.random(seedSize);
    const key = new SigningKey(seed.expose());
    seed.wipe();
    return key;
  }

  sign(message: Bytes): Bytes {
    return ed25519.sign(message, this.seed.expose());
  }

  /** The seed itself, to be wrapped for the store or to derive from. */
  exposeSeed(): Bytes {
    return this.seed.expose();
  }

  exposeX25519(): Secret {
    const bytes = ed25519.utils.toMontgomerySecret(this.seed.expose());
    const secret = new Secret(bytes);
    bytes.fill(0);
    return secret;
  }

  wipe(): void {
    this.seed.wipe();
  }

  toString(): string {
    return `(signing key of ${this.public})`;
  }
}

/** Whether a key is one that browsers and daemons read alike. Remembered, because asking costs as much as a signature. */
export function isAcceptable(key: PublicKey): boolean {
  const known = accepted.get(key);
  if (known !== undefined) return known;

  const acceptable = isInMainSubgroup(bytesOf(key));
  if (accepted.size >= acceptedMax) accepted.delete(accepted.keys().next().value!);
  accepted.set(key, acceptable);
  return acceptable;
}

/** False for a wrong signature, one of another length, and a key that is not acceptable. */
export function verify(key: PublicKey, message: Bytes, signature: Bytes): boolean {
  return (
    signature.length === signatureSize &&
    isAcceptable(key) &&
    ed25519.verify(signature, message, bytesOf(key), { zip215: false }) &&
    isInMainSubgroup(signature.subarray(0, 32))
  );
}

function isInMainSubgroup(encoded: Bytes): boolean {
  try {
    const point = ed25519.Point.fromBytes(encoded, false);
    return toHex(point.toBytes()) === toHex(encoded) && !point.isSmallOrder() && point.isTorsionFree();
  } catch {
    return false;
  }
}
