// keys.md 6: chunk i of 65,536 bytes = AEAD(K, 15 zero bytes ‖ last (0/1) ‖ u64 big-endian i, chunk, aad = T("claudemesh/file/1", …)).
// A chunk carries its place and whether it is the last in its nonce, so none can be moved, dropped or cut off. K is for one file only.

import * as aead from '../aead';
import type { Bytes } from '../bytes';
import type { Secret } from '../secret';
import { encode, field } from '../text';

export const chunkSize = 65_536;

export function countChunks(size: number): number {
  return Math.max(1, Math.ceil(size / chunkSize));
}

/** The chunks of one file. It has at least one; only the last may be shorter, and only an empty file's is empty. */
export class FileSeal {
  private readonly associated: Bytes;

  /** @param key 32 random bytes, made for this file; stays the caller's. */
  constructor(private readonly key: Secret, meshId: string, fileId: string) {
    this.associated = encode('claudemesh/file/1', field.id(meshId), field.id(fileId));
  }

  /** @throws RangeError for a chunk that is not full and not the last. */
  seal(index: number, last: boolean, chunk: Bytes): Bytes {
    if (!isChunk(index, last, chunk.length)) throw new RangeError('Every chunk but the last is full.');
    return aead.seal(this.key.expose(), nonceOf(index, last), chunk, this.associated);
  }

  /** Null for a chunk of another file or place, one that is or is not the last as asked, and any changed bit. */
  open(index: number, last: boolean, sealed: Bytes): Bytes | null {
    if (!isChunk(index, last, sealed.length - aead.tagSize)) return null;
    return aead.open(this.key.expose(), nonceOf(index, last), sealed, this.associated);
  }
}

function isChunk(index: number, last: boolean, length: number): boolean {
  return Number.isSafeInteger(index) && index >= 0
    && (length === chunkSize || (last && length >= 0 && length < chunkSize && (length > 0 || index === 0)));
}

function nonceOf(index: number, last: boolean): Bytes {
  const nonce = new Uint8Array(aead.nonceSize);
  nonce[15] = last ? 1 : 0;
  new DataView(nonce.buffer).setBigUint64(16, BigInt(index));
  return nonce;
}
