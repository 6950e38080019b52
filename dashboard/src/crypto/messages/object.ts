import type { Bytes } from '../bytes';
import { type Digest, meshScope, type PublicKey } from '../ids';
import { labels } from '../labels';
import type { RootHistory } from '../log/history';
import type { Membership } from '../log/membership';
import type { MemberKey } from '../member';
import { type RootKey, sameRoot } from '../root';
import { decode, encode, field } from '../text';
import { type MessageBody, openBody, type Sealed, sealBody } from './body';
import type { MessageRefusal } from './refusal';

export type ObjectKind = 'state' | 'memory' | 'summary' | 'schedule';

const label = 'claudemesh/object/1';
const kinds: readonly ObjectKind[] = ['state', 'memory', 'summary', 'schedule'];
const nameMax = 256;
const signed = 'claudemesh/object-sig/1';

/** The header of a state value, memory, summary or schedule; written under the workspace's root. */
export interface ObjectHeader {
  readonly kind: ObjectKind;
  readonly meshId: string;
  /** Visible to the broker: a state's name, a memory's random id. */
  readonly name: string;
  /** From 1, and above any that the writer has seen. */
  readonly revision: number;
  readonly author: PublicKey;
  readonly at: number;
  readonly epoch: number;
  readonly rootId: Digest;
}

export interface ObjectFrame {
  readonly kind: ObjectKind;
  readonly meshId: string;
  readonly name: string;
  readonly revision: number;
}

export function writeObjectHeader(header: ObjectHeader): Bytes {
  if (header.revision < 1 || header.epoch < 1) throw new RangeError('Revisions and epochs count from 1.');
  return encode(
    label,
    field.oneOf(header.kind, kinds.includes(header.kind)),
    field.id(header.meshId),
    field.oneOf(header.name, header.name.length >= 1 && header.name.length <= nameMax),
    field.number(header.revision),
    field.key(header.author),
    field.number(header.at),
    field.number(header.epoch),
    field.digest(header.rootId));
}

export function parseObjectHeader(bytes: Bytes): ObjectHeader | null {
  return decode(bytes, label, (fields) => {
    const header: ObjectHeader = {
      kind: fields.word(kinds),
      meshId: fields.id(),
      name: fields.text(),
      revision: fields.number(),
      author: fields.key(),
      at: fields.number(),
      epoch: fields.number(),
      rootId: fields.digest(),
    };
    fields.require(header.name.length >= 1 && header.name.length <= nameMax && header.revision >= 1 && header.epoch >= 1);
    return header;
  });
}

/** @throws RangeError when the header names another author or root key. */
export function sealObject(author: MemberKey, root: RootKey, header: ObjectHeader, body: MessageBody, nonce?: Bytes): Sealed {
  if (header.author !== author.public) throw new RangeError('The header names another author than the one that signs.');
  if (!sameRoot({ scope: meshScope, epoch: header.epoch, rootId: header.rootId }, root.reference)) {
    throw new RangeError('The header names another root key than the object would be written under.');
  }
  const key = root.derive(labels.object(header.kind));
  const sealed = sealBody(author, key.expose(), writeObjectHeader(header), body, signed, nonce);
  key.wipe();
  return sealed;
}

/**
 * Reads an object and makes every check.
 * @param seenRevision The newest revision of this name that this client has shown; 0 for none. An older one is not shown.
 */
export function openObject(
  log: Membership, roots: RootHistory, frame: ObjectFrame, seenRevision: number, sealed: Sealed,
): { header: ObjectHeader; body: MessageBody } | MessageRefusal {
  const header = parseObjectHeader(sealed.header);
  if (header === null) return 'BadHeader';
  const same = header.kind === frame.kind && header.meshId === frame.meshId && header.name === frame.name && header.revision === frame.revision;
  if (!same) return 'FrameMismatch';
  if (header.revision < seenRevision) return 'OlderThanSeen';
  const refusal = log.checkObject(header);
  if (refusal !== null) return refusal;
  const root = roots.find(log, header.epoch);
  if (root === null) return 'NoRoot';

  const key = root.derive(labels.object(header.kind));
  const body = openBody(key.expose(), header.author, sealed, signed);
  key.wipe();
  return typeof body === 'string' ? body : { header, body };
}
