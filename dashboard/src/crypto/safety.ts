// keys.md 9: F(pub) = SHA-256 iterated 5,200 times, x0 = T("claudemesh/safety/2", mesh_id, pub), x(i+1) = SHA-256(x(i) ‖ pub); six groups of
// 20 bits modulo 100,000, most significant first.

import type { Bytes } from './bytes';
import { bytesOf, type PublicKey } from './ids';
import { encode, field } from './text';
import { sha256 } from './hashing';

const iterations = 5200;

/** What two people read to each other: 60 digits, the same from both sides. Takes some milliseconds, by design. */
export function safetyNumber(meshId: string, one: PublicKey, other: PublicKey): string {
  const blocks = [block(meshId, one), block(meshId, other)].sort();
  return `${blocks[0]} / ${blocks[1]}`;
}

function block(meshId: string, key: PublicKey): string {
  const keyBytes = bytesOf(key);
  let state = encode('claudemesh/safety/2', field.id(meshId), field.key(key));
  for (let i = 0; i < iterations; i++) state = sha256(state, keyBytes);
  return digits(state);
}

function digits(hash: Bytes): string {
  const groups = Array.from({ length: 6 }, (_, group) => {
    const at = group * 20;
    const three = (hash[at >> 3]! << 16) | (hash[(at >> 3) + 1]! << 8) | hash[(at >> 3) + 2]!;
    const value = (three >> (at % 8 === 0 ? 4 : 0)) & 0xfffff;
    return String(value % 100_000).padStart(5, '0');
  });
  return groups.join(' ');
}
