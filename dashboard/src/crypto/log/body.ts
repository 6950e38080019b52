import type { Bytes } from '../bytes';
import { signatureSize } from '../ed25519';
import { type Digest, isWireId, type PublicKey } from '../ids';
import { decode, encode, field, type FieldReader } from '../text';

export type LogRole = 'member' | 'admin' | 'owner' | 'lead' | 'observer';
export type MemberKind = 'person' | 'bot' | 'legacy';

const roles: readonly LogRole[] = ['member', 'admin', 'owner', 'lead', 'observer'];
const kinds: readonly MemberKind[] = ['person', 'bot', 'legacy'];
const reasonMax = 200;
const backSize = 24 + 32 + 16;

/** The first record. Its author is the owner of the workspace, or the first lead of a topic; its hash is the pin. */
export interface GenesisBody {
  readonly type: 'genesis';
  readonly nonce: Digest;
  readonly encryption: 'required' | 'mixed';
  readonly ownerMemberId: string;
}

/** Changes what the workspace (`topicId` null) or one topic admits. */
export interface PolicyBody {
  readonly type: 'policy';
  readonly encryption: 'required' | 'mixed';
  readonly topicId: string | null;
  readonly plainIn: 'yes' | 'no';
}

/** Opens an invite: who knows its secret may join, with the role `admits`, until `expiresAt` (ms since 1970). */
export interface InviteBody {
  readonly type: 'invite';
  readonly inviteId: string;
  readonly key: PublicKey;
  readonly admits: LogRole;
  readonly usesMax: number;
  readonly expiresAt: number;
}

export interface UninviteBody {
  readonly type: 'uninvite';
  readonly inviteId: string;
}

/** The author, with a key that the log has never seen, joins by an invite; the proof is the invite key's. */
export interface JoinBody {
  readonly type: 'join';
  readonly inviteId: string;
  readonly memberId: string;
  readonly proof: Bytes;
}

/** Lets a key in, or in again: nothing else brings a removed key back. */
export interface AdmitBody {
  readonly type: 'admit';
  readonly memberId: string;
  readonly key: PublicKey;
  readonly as: LogRole;
  readonly kind: MemberKind;
}

/** `owner` hands the workspace over: its author is an admin afterwards. */
export interface RoleBody {
  readonly type: 'role';
  readonly key: PublicKey;
  readonly becomes: LogRole;
}

export interface RemoveBody {
  readonly type: 'remove';
  readonly key: PublicKey;
  readonly reason: string;
}

/** The author's member goes on under another key, which signed too. */
export interface KeyChangeBody {
  readonly type: 'key';
  readonly newKey: PublicKey;
  readonly newSignature: Bytes;
  readonly reason: 'migrate' | 'compromise';
}

/** A new root key. `back` is empty when the past is cut off; `recipients` is the hash of the keys that the root is sealed to. */
export interface EpochBody {
  readonly type: 'epoch';
  readonly number: number;
  readonly rootId: Digest;
  readonly back: Bytes;
  readonly recipients: Digest;
  readonly reason: string;
}

export type LogBody =
  | GenesisBody
  | PolicyBody
  | InviteBody
  | UninviteBody
  | JoinBody
  | AdmitBody
  | RoleBody
  | RemoveBody
  | KeyChangeBody
  | EpochBody;

type Reader<B extends LogBody> = (fields: FieldReader) => Omit<B, 'type'>;

const readers: { readonly [T in LogBody['type']]: Reader<Extract<LogBody, { type: T }>> } = {
  genesis: (fields) => ({ nonce: fields.digest(), encryption: fields.word(['required', 'mixed']), ownerMemberId: fields.id() }),
  policy: (fields) => {
    const encryption = fields.word(['required', 'mixed']);
    const topic = fields.text();
    const plainIn = fields.word(['yes', 'no']);
    fields.require(topic === '' ? plainIn === 'no' : isWireId(topic));
    return { encryption, topicId: topic === '' ? null : topic, plainIn };
  },
  invite: (fields) => ({
    inviteId: fields.id(),
    key: fields.key(),
    admits: fields.word(roles),
    usesMax: fromOne(fields),
    expiresAt: fields.number(),
  }),
  uninvite: (fields) => ({ inviteId: fields.id() }),
  join: (fields) => ({ inviteId: fields.id(), memberId: fields.id(), proof: fields.bytes(signatureSize) }),
  admit: (fields) => ({ memberId: fields.id(), key: fields.key(), as: fields.word(roles), kind: fields.word(kinds) }),
  role: (fields) => ({ key: fields.key(), becomes: fields.word(roles) }),
  remove: (fields) => ({ key: fields.key(), reason: reason(fields) }),
  key: (fields) => ({ newKey: fields.key(), newSignature: fields.bytes(signatureSize), reason: fields.word(['migrate', 'compromise']) }),
  epoch: (fields) => {
    const number = fromOne(fields);
    const rootId = fields.digest();
    const back = fields.bytes(...(number > 1 ? [0, backSize] : [0]));
    return { number, rootId, back, recipients: fields.digest(), reason: reason(fields) };
  },
};

/** Whether this version knows what such a record means. A log with another one can only be followed by a newer client. */
export function isKnownType(type: string): type is LogBody['type'] {
  return Object.hasOwn(readers, type);
}

/** Reads exactly what {@link writeBody} writes. */
export function parseBody(type: LogBody['type'], bytes: Bytes): LogBody | null {
  return decode(bytes, labelOf(type), (fields) => ({ type, ...readers[type](fields) }) as LogBody);
}

/** @throws RangeError for a value that has no encoding. */
export function writeBody(body: LogBody): Bytes {
  return encode(labelOf(body.type), ...fieldsOf(body));
}

function labelOf(type: string): string {
  return `claudemesh/log/${type}/1`;
}

function fieldsOf(body: LogBody): Bytes[] {
  switch (body.type) {
    case 'genesis':
      return [field.digest(body.nonce), encryption(body.encryption), field.id(body.ownerMemberId)];
    case 'policy':
      return [
        encryption(body.encryption),
        field.oneOf(body.topicId ?? '', body.topicId === null ? body.plainIn === 'no' : isWireId(body.topicId)),
        field.oneOf(body.plainIn, ['yes', 'no'].includes(body.plainIn)),
      ];
    case 'invite':
      return [field.id(body.inviteId), field.key(body.key), role(body.admits), counted(body.usesMax), field.number(body.expiresAt)];
    case 'uninvite':
      return [field.id(body.inviteId)];
    case 'join':
      return [field.id(body.inviteId), field.id(body.memberId), field.bytes(body.proof, signatureSize)];
    case 'admit':
      return [field.id(body.memberId), field.key(body.key), role(body.as), field.oneOf(body.kind, kinds.includes(body.kind))];
    case 'role':
      return [field.key(body.key), role(body.becomes)];
    case 'remove':
      return [field.key(body.key), field.oneOf(body.reason, body.reason.length <= reasonMax)];
    case 'key':
      return [
        field.key(body.newKey),
        field.bytes(body.newSignature, signatureSize),
        field.oneOf(body.reason, ['migrate', 'compromise'].includes(body.reason)),
      ];
    case 'epoch':
      return [
        counted(body.number),
        field.digest(body.rootId),
        field.bytes(body.back, body.back.length === 0 ? 0 : body.number > 1 ? backSize : 0),
        field.digest(body.recipients),
        field.oneOf(body.reason, body.reason.length <= reasonMax),
      ];
  }
}

function encryption(word: string): Bytes {
  return field.oneOf(word, word === 'required' || word === 'mixed');
}

function role(word: LogRole): Bytes {
  return field.oneOf(word, roles.includes(word));
}

function counted(number: number): Bytes {
  if (number < 1) throw new RangeError('This number counts from 1.');
  return field.number(number);
}

function fromOne(fields: FieldReader): number {
  const number = fields.number();
  fields.require(number >= 1);
  return number;
}

function reason(fields: FieldReader): string {
  const text = fields.text();
  fields.require(text.length <= reasonMax);
  return text;
}
