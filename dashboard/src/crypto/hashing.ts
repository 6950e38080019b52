import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import type { Bytes } from './bytes';
import { type Digest, digestOf } from './ids';

export function sha256(...parts: readonly Bytes[]): Bytes {
  const hash = nobleSha256.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export function digest(...parts: readonly Bytes[]): Digest {
  return digestOf(sha256(...parts));
}

export function hmacSha256(key: Bytes, message: Bytes): Bytes {
  return hmac(nobleSha256, key, message);
}

/** HKDF-SHA256, 32 bytes. */
export function hkdf32(ikm: Bytes, salt: Bytes, info: Bytes): Bytes {
  return hkdf(nobleSha256, ikm, salt, info, 32);
}
