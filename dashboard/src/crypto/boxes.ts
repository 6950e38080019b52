// crypto_box key = HSalsa20(X25519(secret, public), 0), 32 bytes. Sealed box: ephemeral public 32 ‖ MAC 16 ‖ text under the box key, with
// nonce = BLAKE2b-24(ephemeral ‖ recipient). Public keys come from Ed25519 ones by the birational map.

import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { type Bytes, concat, utf8 } from './bytes';
import { isAcceptable, type SigningKey } from './ed25519';
import { bytesOf, type PublicKey } from './ids';
import { Secret } from './secret';

export const sealedBoxOverhead = 48;

const sigma = wordsOf(utf8('expand 32-byte k'));
const zeros = new Uint32Array(4);

/** The X25519 form of an Ed25519 public key; null for a point of small order or outside the main subgroup, which noble would convert. */
export function toX25519(key: PublicKey): Bytes | null {
  return isAcceptable(key) ? ed25519.utils.toMontgomery(bytesOf(key)) : null;
}

/** The key of a pair, the same from both sides; null for a public key that has no conversion. */
export function boxKey(own: SigningKey, other: PublicKey): Secret | null {
  const converted = toX25519(other);
  if (converted === null) return null;
  const secret = own.exposeX25519();
  const key = boxKeyOf(secret.expose(), converted);
  secret.wipe();
  return key;
}

/** Seals to a member, device or invite key and says nothing of who sealed it; null for a key that nothing can be sealed to. */
export function seal(recipient: PublicKey, text: Bytes, ephemeral: Secret = Secret.random(32)): Bytes | null {
  const converted = toX25519(recipient);
  if (converted === null) return null;
  const ephemeralPublic = x25519.getPublicKey(ephemeral.expose());
  const key = boxKeyOf(ephemeral.expose(), converted);
  const box = xsalsa20poly1305(key.expose(), nonceOf(ephemeralPublic, converted)).encrypt(text);
  key.wipe();
  ephemeral.wipe();
  return concat(ephemeralPublic, box);
}

/** Null for a box to somebody else, and for one in which a bit has changed. */
export function open(recipient: SigningKey, box: Bytes): Secret | null {
  const own = toX25519(recipient.public);
  if (own === null || box.length < sealedBoxOverhead) return null;
  const ephemeral = box.slice(0, 32);
  const secret = recipient.exposeX25519();
  try {
    const key = boxKeyOf(secret.expose(), ephemeral);
    const opened = xsalsa20poly1305(key.expose(), nonceOf(ephemeral, own)).decrypt(box.slice(32));
    key.wipe();
    const text = new Secret(opened);
    opened.fill(0);
    return text;
  } catch {
    return null;
  } finally {
    secret.wipe();
  }
}

function boxKeyOf(secret: Bytes, publicKey: Bytes): Secret {
  const shared = x25519.getSharedSecret(secret, publicKey);
  const out = new Uint32Array(8);
  hsalsa(sigma, wordsOf(shared), zeros, out);
  const key = new Secret(new Uint8Array(out.buffer));
  out.fill(0);
  shared.fill(0);
  return key;
}

function nonceOf(ephemeral: Bytes, recipient: Bytes): Bytes {
  return blake2b(concat(ephemeral, recipient), { dkLen: 24 });
}

function wordsOf(bytes: Bytes): Uint32Array {
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}
