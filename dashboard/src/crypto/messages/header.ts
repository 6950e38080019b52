import type { Bytes } from '../bytes';
import { isScope, type PublicKey } from '../ids';
import type { RootReference } from '../root';
import { decode, encode, field, type FieldReader } from '../text';
import { addressOf, readTarget, type Target } from './target';

export type Priority = 'now' | 'next' | 'low';

const label = 'claudemesh/message/3';
const kinds: readonly Target['kind'][] = ['direct', 'topic', 'group', 'tag', 'broadcast'];
const priorities: readonly Priority[] = ['now', 'next', 'low'];
const clientIdMax = 128;

/**
 * The header H of a version 3 message: associated data of its ciphertext, covered by its signature, sent as base64 of its bytes. Both
 * sessions are addresses only; the message is written to and signed by member keys.
 */
export interface MessageHeader {
  readonly meshId: string;
  readonly target: Target;
  readonly senderMember: PublicKey;
  readonly senderSession: PublicKey | null;
  /** The sender's own id of the message: 1 to 128 characters. */
  readonly clientMessageId: string;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  readonly replyTo: string | null;
  readonly priority: Priority;
  /** As {@link joinMentions} makes it. */
  readonly mentions: string;
  /** Null exactly for direct messages. */
  readonly root: RootReference | null;
}

/** Names in lower case, sorted, each once, joined by commas. */
export function joinMentions(names: Iterable<string>): string {
  return [...new Set([...names].map((name) => name.toLowerCase()))].sort().join(',');
}

/** @throws RangeError for a value that has no encoding, and for a root where none belongs or none where one does. */
export function writeHeader(header: MessageHeader): Bytes {
  const { target, root } = header;
  return encode(
    label,
    field.oneOf(target.kind, (root === null) === (target.kind === 'direct')),
    field.id(header.meshId),
    addressOf(target),
    field.key(header.senderMember),
    field.optionalKey(header.senderSession),
    field.oneOf(header.clientMessageId, header.clientMessageId.length >= 1 && header.clientMessageId.length <= clientIdMax),
    field.number(header.sentAt),
    field.text(header.replyTo),
    field.oneOf(header.priority, priorities.includes(header.priority)),
    field.text(header.mentions),
    ...(root === null
      ? [field.absent, field.absent, field.absent]
      : [field.oneOf(root.scope, isScope(root.scope)), field.number(root.epoch), field.digest(root.rootId)]));
}

/** Reads exactly what {@link writeHeader} writes. */
export function parseHeader(bytes: Bytes): MessageHeader | null {
  return decode(bytes, label, (fields) => {
    const kind = fields.word(kinds);
    const meshId = fields.id();
    const target = readTarget(kind, fields);
    const senderMember = fields.key();
    const senderSession = fields.optionalKey();
    const clientMessageId = fields.text();
    fields.require(clientMessageId.length >= 1 && clientMessageId.length <= clientIdMax);
    const sentAt = fields.number();
    const replyTo = fields.text();
    return {
      meshId,
      target,
      senderMember,
      senderSession,
      clientMessageId,
      sentAt,
      replyTo: replyTo === '' ? null : replyTo,
      priority: fields.word(priorities),
      mentions: fields.text(),
      root: readRoot(kind, fields),
    };
  });
}

function readRoot(kind: Target['kind'], fields: FieldReader): RootReference | null {
  if (kind === 'direct') {
    for (let i = 0; i < 3; i++) fields.bytes(0);
    return null;
  }
  const scope = fields.text();
  fields.require(isScope(scope));
  return { scope, epoch: fields.number(), rootId: fields.digest() };
}
