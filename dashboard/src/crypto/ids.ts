import { type Bytes, toHex, tryHex } from './bytes';

/** An Ed25519 public key: 64 lower-case hexadecimal digits. Ascending order of the texts is ascending order of the bytes. */
export type PublicKey = string & { readonly kind: 'public key' };

/** 32 public bytes that stand for something longer, as 64 lower-case hexadecimal digits: a SHA-256, a root id, a workspace's pin. */
export type Digest = string & { readonly kind: 'digest' };

export const keySize = 32;
export const noDigest = '0'.repeat(64) as Digest;

export function tryPublicKey(hex: unknown): PublicKey | null {
  return typeof hex === 'string' && tryHex(hex, keySize) !== null ? (hex as PublicKey) : null;
}

export function tryDigest(hex: unknown): Digest | null {
  return tryPublicKey(hex) as Digest | null;
}

export function publicKeyOf(bytes: Bytes): PublicKey {
  return sized(bytes) as PublicKey;
}

export function digestOf(bytes: Bytes): Digest {
  return sized(bytes) as Digest;
}

export function bytesOf(value: PublicKey | Digest): Bytes {
  const bytes = tryHex(value, keySize);
  if (bytes === null) throw new RangeError('A key or digest is 64 lower-case hexadecimal digits.');
  return bytes;
}

/** A broker chooses some ids, and an id is part of labels: no key is derived and nothing is signed for an id of another form. */
export function isWireId(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9A-Za-z_-]{1,64}$/.test(text);
}

export const meshScope = 'mesh';

export function topicScope(topicId: string): string {
  return `topic/${topicId}`;
}

export function isScope(scope: string): boolean {
  return scope === meshScope || (scope.startsWith('topic/') && isWireId(scope.slice('topic/'.length)));
}

/** An id of the form that we make ourselves: 32 letters and digits, of 160 random bits at least. */
export function newId(): string {
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  let id = '';
  while (id.length < 32) {
    for (const byte of crypto.getRandomValues(new Uint8Array(48))) {
      // 248 is the largest multiple of 62 in a byte; what is above would make the first letters more likely.
      if (byte < 248 && id.length < 32) id += alphabet[byte % 62];
    }
  }
  return id;
}

function sized(bytes: Bytes): string {
  if (bytes.length !== keySize) throw new RangeError(`${bytes.length} bytes where ${keySize} are needed.`);
  return toHex(bytes);
}
