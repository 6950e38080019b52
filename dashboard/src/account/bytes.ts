import { Problem } from '../api/problem';
import { type Bytes, type PublicKey, toBase64, tryBase64, tryPublicKey } from '../crypto';

export { toBase64 };

/** What a broker sends as base64. One that is none is a broker that this page does not understand. */
export function fromBase64(text: string): Bytes {
  return tryBase64(text) ?? unreadable();
}

export function publicKey(hex: string): PublicKey {
  return tryPublicKey(hex) ?? unreadable();
}

function unreadable(): never {
  throw new Problem('unreadable', 'The broker answered with something that this page cannot read. Load the page again.', 0);
}
