import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AccountSecret } from '../account';
import { type Bytes, tryHex } from '../bytes';
import { SigningKey } from '../ed25519';
import type { Digest, PublicKey } from '../ids';
import { Membership } from '../log/membership';
import { LogDraft } from '../log/draft';
import { announce } from '../log/rotation';
import type { MemberKey } from '../member';
import type { SignedRecord } from '../log/record';
import { RootKey } from '../root';
import { Secret } from '../secret';

/** The file that C# runs too: `tests/vectors/keys.json`, read by dotted path. */
const document: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../tests/vectors/keys.json'), 'utf8'));

export const mesh = 'mesh1';
export const user = 'user1';
export const at = 1700000000000;

export function element<T>(path: string): T {
  let value: unknown = document;
  for (const name of path.split('.')) value = (value as Record<string, unknown>)[name];
  if (value === undefined) throw new Error(`The vectors have no ${path}.`);
  return value as T;
}

export const text = (path: string): string => element<string>(path);
export const number = (path: string): number => element<number>(path);
export const key = (path: string): PublicKey => element<PublicKey>(path);
export const digest = (path: string): Digest => element<Digest>(path);

export function bytes(path: string): Bytes {
  return hex(text(path));
}

export function hex(digits: string): Bytes {
  const value = tryHex(digits);
  if (value === null) throw new Error(`${digits} is no hexadecimal text.`);
  return value;
}

export const signer = (letter: string): SigningKey => (letter === 'member' ? member().key : new SigningKey(bytes(`inputs.seed_${letter}`)));
export const account = (): AccountSecret => new AccountSecret(bytes('inputs.account_secret'));
export const member = (): MemberKey => account().deriveMember(user, mesh);
export const root = (): RootKey => new RootKey(bytes('inputs.root_key'), mesh, 'mesh', 1);
export const nonce = (): Bytes => bytes('inputs.nonce');
export const ephemeral = (): Secret => new Secret(bytes('inputs.ephemeral_secret'));

export interface RecordVector {
  readonly type: string;
  readonly author: string;
  readonly at: number;
  readonly record: string;
  readonly signature: string;
  readonly hash: string;
}

export interface RefusedVector extends RecordVector {
  readonly why: string;
  readonly refusal: string;
  readonly after: number;
}

export const signed = (vector: RecordVector): SignedRecord => ({ record: hex(vector.record), signature: hex(vector.signature) });

/** Every copy of the bytes that differs from them in exactly one bit. */
export function* flipped(value: Bytes): Generator<Bytes> {
  for (let bit = 0; bit < value.length * 8; bit++) yield flip(value, bit);
}

/** One changed bit in every byte, another one in each: for what costs a check of a signature, of which this side does some hundreds a second. */
export function* flippedSparsely(value: Bytes): Generator<Bytes> {
  for (let byte = 0; byte < value.length; byte++) yield flip(value, byte * 8 + (byte % 8));
}

/** A workspace of its owner alone, in its first epoch. */
export function startLog(owner: MemberKey, first: RootKey): Membership {
  const draft = new LogDraft(Membership.empty(mesh, 'mesh'), owner, at);
  const nonceOf = '44'.repeat(32) as Digest;
  const refusals = [
    draft.add({ type: 'genesis', nonce: nonceOf, encryption: 'required', ownerMemberId: 'member1' }),
    draft.add(announce(draft.state, first, null, at, 'start')),
  ];
  if (refusals.some((refusal) => refusal !== null)) throw new Error(`The sample log is refused: ${refusals}.`);
  return draft.state;
}

function flip(value: Bytes, bit: number): Bytes {
  const copy = Uint8Array.from(value);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}
