/** Raw bytes. What must not be seen is wrapped in a {@link Secret} instead. */
export type Bytes = Uint8Array;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const noBytes: Bytes = new Uint8Array(0);

export function concat(...parts: readonly Bytes[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Compares every byte, whatever differs first. */
export function equal(left: Bytes, right: Bytes): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let i = 0; i < left.length; i++) difference |= left[i]! ^ right[i]!;
  return difference === 0;
}

export function random(size: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(size));
}

export function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

/** @throws RangeError for half a surrogate pair, which has no encoding. */
export function utf8(text: string): Bytes {
  if (hasLoneSurrogate(text)) throw new RangeError('Half a surrogate pair has no encoding.');
  return encoder.encode(text);
}

/** Null for bytes that are no UTF-8. A byte order mark is a character like any other. */
export function tryText(bytes: Bytes): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

export function toHex(bytes: Bytes): string {
  let hex = '';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return hex;
}

/** Reads lower-case digits only, and exactly `size` bytes where it is given. */
export function tryHex(hex: string, size?: number): Bytes | null {
  if (!/^(?:[0-9a-f]{2})*$/.test(hex) || (size !== undefined && hex.length !== size * 2)) return null;
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16));
}

/** Standard base64 with padding, as every frame and answer has bytes. */
export function toBase64(bytes: Bytes): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Reads exactly what {@link toBase64} writes: one text for the bytes, and no other. */
export function tryBase64(text: string): Bytes | null {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return null;
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return toBase64(bytes) === text ? bytes : null;
}

/** Base64url without padding, as fragments and passkeys have it. */
export function toBase64Url(bytes: Bytes): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Reads exactly what {@link toBase64Url} writes. */
export function tryBase64Url(text: string): Bytes | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  const standard = text.replaceAll('-', '+').replaceAll('_', '/');
  return tryBase64(standard.padEnd(Math.ceil(text.length / 4) * 4, '='));
}
