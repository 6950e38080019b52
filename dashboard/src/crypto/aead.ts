// XChaCha20-Poly1305 (IETF): key 32, nonce 24, tag 16 at the end. Padding: ISO 7816-4, 0x80 and zeros up to the next multiple of 64.

import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { type Bytes, concat, random } from './bytes';

export const nonceSize = 24;
export const tagSize = 16;
export const blockSize = 64;

export function seal(key: Bytes, nonce: Bytes, text: Bytes, associated: Bytes): Bytes {
  return xchacha20poly1305(key, nonce, associated).encrypt(text);
}

/** Null when another key wrote it, something else is associated, or a bit has changed. */
export function open(key: Bytes, nonce: Bytes, sealed: Bytes, associated: Bytes): Bytes | null {
  if (nonce.length !== nonceSize || sealed.length < tagSize) return null;
  try {
    return xchacha20poly1305(key, nonce, associated).decrypt(sealed);
  } catch {
    return null;
  }
}

/** `nonce 24 ‖ AEAD`: the form of everything that is stored as one piece. */
export function sealWithNonce(key: Bytes, text: Bytes, associated: Bytes, nonce: Bytes = random(nonceSize)): Bytes {
  return concat(nonce, seal(key, nonce, text, associated));
}

export function openWithNonce(key: Bytes, sealed: Bytes, associated: Bytes): Bytes | null {
  return open(key, sealed.slice(0, nonceSize), sealed.slice(nonceSize), associated);
}

/** Always adds at least one byte. */
export function pad(text: Bytes): Bytes {
  const padded = new Uint8Array(Math.floor(text.length / blockSize) * blockSize + blockSize);
  padded.set(text);
  padded[text.length] = 0x80;
  return padded;
}

/** Null when the end is not a padding that {@link pad} makes. */
export function unpad(padded: Bytes): Bytes | null {
  if (padded.length === 0 || padded.length % blockSize !== 0) return null;
  const mark = padded.findLastIndex((byte) => byte !== 0);
  return mark >= padded.length - blockSize && padded[mark] === 0x80 ? padded.slice(0, mark) : null;
}
