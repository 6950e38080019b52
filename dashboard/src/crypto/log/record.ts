// keys.md 4: R = T("claudemesh/log/1", …), sig = Ed25519(author, R), hash = SHA-256(R ‖ sig).

import type { Bytes } from '../bytes';
import { verify } from '../ed25519';
import { digest } from '../hashing';
import { type Digest, isScope, noDigest, type PublicKey } from '../ids';
import type { MemberKey } from '../member';
import { decode, encode, field } from '../text';
import { isKnownType, type LogBody, parseBody, writeBody } from './body';
import type { LogRefusal } from './refusal';

const label = 'claudemesh/log/1';

/** No record that keeps the limits of its fields comes near it; a longer one is not even parsed. */
const bytesMax = 2048;

/** A record as it travels and is kept: the bytes of R and the author's signature over them. */
export interface SignedRecord {
  readonly record: Bytes;
  readonly signature: Bytes;
}

/** Where a log ends. A log without records ends at 0, with a hash of zeros. `at` is the time of the last record. */
export interface LogHead {
  readonly seq: number;
  readonly hash: Digest;
  readonly at: number;
}

export const noHead: LogHead = { seq: 0, hash: noDigest, at: 0 };

/** A record that is well formed and signed by its author. Whether the log may go on with it is for the rules to say. */
export interface LogRecord {
  readonly meshId: string;
  readonly scope: string;
  readonly seq: number;
  readonly previous: Digest;
  readonly at: number;
  readonly author: PublicKey;
  readonly body: LogBody;
  /** The bytes as they travel; nothing is ever encoded again from what was read. */
  readonly signed: SignedRecord;
  readonly hash: Digest;
}

/** Writes the record that follows `head`. @throws RangeError for a value of the body that has no encoding. */
export function signRecord(author: MemberKey, meshId: string, scope: string, head: LogHead, at: number, body: LogBody): LogRecord {
  const place = { meshId, scope, seq: head.seq + 1, previous: head.hash, at, author: author.public };
  const record = encode(
    label,
    field.id(meshId),
    field.oneOf(scope, isScope(scope)),
    field.number(place.seq),
    field.digest(place.previous),
    field.number(at),
    field.key(place.author),
    field.text(body.type),
    field.bytes(writeBody(body)));
  return finish(place, body, { record, signature: author.sign(record) });
}

/** Checks the bytes as they were received: their form first, then the signature. */
export function readRecord(signed: SignedRecord): LogRecord | LogRefusal {
  const record = parse(signed);
  if (typeof record === 'string') return record;
  return verify(record.author, signed.record, signed.signature) ? record : 'BadSignature';
}

/** Reads what {@link readRecord} has taken before: the signature is not checked again. @throws RangeError when it is no record. */
export function readKeptRecord(signed: SignedRecord): LogRecord {
  const record = parse(signed);
  if (typeof record === 'string') throw new RangeError('What was kept as a record of a log is none.');
  return record;
}

function parse(signed: SignedRecord): LogRecord | LogRefusal {
  const read = signed.record.length > bytesMax
    ? null
    : decode(signed.record, label, (fields) => {
      const meshId = fields.id();
      const scope = fields.text();
      fields.require(isScope(scope));
      const seq = fields.number();
      fields.require(seq >= 1);
      const place = { meshId, scope, seq, previous: fields.digest(), at: fields.number(), author: fields.key() };
      return { place, type: fields.text(), body: fields.bytes() };
    });
  if (read === null) return 'Malformed';
  if (!isKnownType(read.type)) return 'UnknownType';
  const body = parseBody(read.type, read.body);
  return body === null ? 'Malformed' : finish(read.place, body, signed);
}

function finish(place: Omit<LogRecord, 'body' | 'signed' | 'hash'>, body: LogBody, signed: SignedRecord): LogRecord {
  return { ...place, body, signed, hash: digest(signed.record, signed.signature) };
}
