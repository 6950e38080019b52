import { type Bytes, concat } from '../bytes';
import { bytesOf, isWireId, keySize, type PublicKey, publicKeyOf, tryPublicKey } from '../ids';
import { labels } from '../labels';
import { field, type FieldReader } from '../text';

/** Whom a message is for. A session's key is an address only: the message is written to the member. */
export type Target =
  | { readonly kind: 'direct'; readonly member: PublicKey; readonly session: PublicKey | null }
  | { readonly kind: 'topic'; readonly id: string }
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'tag'; readonly name: string }
  | { readonly kind: 'broadcast' };

const specMax = 192;

/** Reads a `targetSpec`. Null for anything that can address nobody; names of people are resolved by clients. */
export function parseTarget(spec: string): Target | null {
  if (spec.length > specMax) return null;
  if (spec === '*' || spec === '@all') return { kind: 'broadcast' };
  if (spec.startsWith('@')) return isGroupName(spec.slice(1)) ? { kind: 'group', name: spec.slice(1) } : null;
  if (spec.startsWith('#')) return isWireId(spec.slice(1)) ? { kind: 'topic', id: spec.slice(1) } : null;
  if (spec.startsWith('tag:')) return isTagName(spec.slice(4)) ? { kind: 'tag', name: spec.slice(4) } : null;

  const member = tryPublicKey(spec.slice(0, keySize * 2));
  if (member === null || spec.length === keySize * 2) return member === null ? null : { kind: 'direct', member, session: null };
  const session = tryPublicKey(spec.slice(keySize * 2));
  return session === null ? null : { kind: 'direct', member, session };
}

export function writeTarget(target: Target): string {
  switch (target.kind) {
    case 'direct': return target.member + (target.session ?? '');
    case 'topic': return `#${target.id}`;
    case 'group': return `@${target.name}`;
    case 'tag': return `tag:${target.name}`;
    case 'broadcast': return '*';
  }
}

/** 1 to 64 letters, digits, -, _, . or / (not first or last), and not `all`. Letter case counts. */
export function isGroupName(name: string): boolean {
  return name.length <= 64 && name !== 'all' && /^(?!\/)[\p{L}\p{Nd}_./-]+$/u.test(name) && !name.endsWith('/');
}

/** 1 to 96 letters, digits or -_./:+#@, the first a letter or digit of the basic plane. Letter case counts. */
export function isTagName(name: string): boolean {
  return name.length <= 96 && /^[\p{L}\p{Nd}_./:+#@-]+$/u.test(name) && name.codePointAt(0)! < 0x10000 && /^[\p{L}\p{Nd}]/u.test(name);
}

/** The label of the key that messages to this address are written under. @throws RangeError for a direct message: it is under no root. */
export function labelOf(target: Target): string {
  switch (target.kind) {
    case 'topic': return labels.topic(target.id);
    case 'group': return labels.group(target.name);
    case 'tag': return labels.tag(target.name);
    case 'broadcast': return labels.broadcast;
    case 'direct': throw new RangeError("A direct message is written under the two members' key.");
  }
}

export function addressOf(target: Target): Bytes {
  switch (target.kind) {
    case 'direct': return target.session === null ? field.key(target.member) : concat(bytesOf(target.member), bytesOf(target.session));
    case 'topic': return field.id(target.id);
    case 'group': return field.oneOf(target.name, isGroupName(target.name));
    case 'tag': return field.oneOf(target.name, isTagName(target.name));
    case 'broadcast': return field.text('*');
  }
}

export function readTarget(kind: Target['kind'], fields: FieldReader): Target {
  if (kind === 'direct') {
    const keys = fields.bytes(keySize, keySize * 2);
    const member = publicKeyOf(keys.slice(0, keySize));
    return { kind, member, session: keys.length === keySize ? null : publicKeyOf(keys.slice(keySize)) };
  }

  const name = fields.text();
  switch (kind) {
    case 'topic':
      fields.require(isWireId(name));
      return { kind, id: name };
    case 'group':
      fields.require(isGroupName(name));
      return { kind, name };
    case 'tag':
      fields.require(isTagName(name));
      return { kind, name };
    case 'broadcast':
      fields.require(name === '*');
      return { kind };
  }
}
