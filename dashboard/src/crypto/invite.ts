// keys.md 8: https://host/i/<invite_id>#3.<base64url(secret)>,
// package = nonce 24 ‖ AEAD(wrap key, nonce, T("claudemesh/invite-package/1", …), aad = invite_id).

import * as aead from './aead';
import { type Bytes, utf8 } from './bytes';
import type { SigningKey } from './ed25519';
import { readFragment, writeFragment } from './fragment';
import { type Digest, isWireId, type PublicKey } from './ids';
import { derive, deriveSigning, labels } from './labels';
import { Secret } from './secret';
import { decode, encode, field } from './text';

const size = 16;
const version = '3';
const packageLabel = 'claudemesh/invite-package/1';

/** The 16 bytes in the fragment of an invite's link. The broker never has them. */
export class InviteSecret {
  private readonly secret: Secret;

  constructor(value: Bytes) {
    if (value.length !== size) throw new RangeError(`An invite secret has ${size} bytes.`);
    this.secret = new Secret(value);
  }

  static generate(): InviteSecret {
    const random = Secret.random(size);
    const invite = new InviteSecret(random.expose());
    random.wipe();
    return invite;
  }

  /** Reads what follows the `#` of a link. */
  static tryFragment(fragment: string): InviteSecret | null {
    const value = readFragment(fragment, version, size);
    return value === null ? null : new InviteSecret(value);
  }

  toFragment(): string {
    return writeFragment(version, this.secret.expose());
  }

  deriveKey(inviteId: string): SigningKey {
    return deriveSigning(this.secret.expose(), inviteId, labels.inviteSign);
  }

  deriveWrapKey(inviteId: string): Secret {
    return derive(this.secret.expose(), inviteId, labels.inviteWrap);
  }

  wipe(): void {
    this.secret.wipe();
  }

  toString(): string {
    return '(invite secret)';
  }
}

/** The link of an invite. With its secret it is the key itself; without (mail, a stripped fragment) its holder waits to be admitted. */
export interface InviteLink {
  /** Scheme and host, and a port where it is not the usual one. */
  readonly broker: string;
  readonly inviteId: string;
  readonly secret: InviteSecret | null;
}

/** Null for anything that no broker of ours prints: another scheme or path, a query, a user, a secret of another form. */
export function parseInviteLink(text: string): InviteLink | null {
  const trimmed = text.trim();
  const url = text.length <= 512 && URL.canParse(trimmed) ? new URL(trimmed) : null;
  if (
    url === null ||
    (url.protocol !== 'https:' && url.protocol !== 'http:') ||
    url.username !== '' ||
    url.password !== '' ||
    trimmed.split('#')[0]!.includes('?') ||
    !url.pathname.startsWith('/i/') ||
    !isWireId(url.pathname.slice('/i/'.length))
  ) {
    return null;
  }

  const secret = url.hash.length > 1 ? InviteSecret.tryFragment(url.hash) : null;
  if (url.hash.length > 1 && secret === null) return null;
  return { broker: url.origin, inviteId: url.pathname.slice('/i/'.length), secret };
}

/** The whole link, to be shown to its maker once and sent by him. Never logged, never sent to the broker. */
export function writeInviteLink(link: InviteLink): string {
  return `${link.broker}/i/${link.inviteId}${link.secret === null ? '' : `#${link.secret.toFragment()}`}`;
}

/** What the inviter tells the joiner past the broker: which workspace it is, and that its log has had the `invite` record. */
export interface InvitePackage {
  readonly meshId: string;
  readonly pin: Digest;
  readonly inviter: PublicKey;
  readonly seq: number;
  readonly hash: Digest;
}

export function writeInvitePackage(text: InvitePackage): Bytes {
  return encode(
    packageLabel,
    field.id(text.meshId),
    field.digest(text.pin),
    field.key(text.inviter),
    field.number(text.seq),
    field.digest(text.hash));
}

export function sealPackage(secret: InviteSecret, inviteId: string, text: InvitePackage, nonce?: Bytes): Bytes {
  const key = secret.deriveWrapKey(inviteId);
  const sealed = aead.sealWithNonce(key.expose(), writeInvitePackage(text), utf8(inviteId), nonce);
  key.wipe();
  return sealed;
}

/** Null when this secret did not write the package for this invite. */
export function openPackage(secret: InviteSecret, inviteId: string, sealed: Bytes): InvitePackage | null {
  const key = secret.deriveWrapKey(inviteId);
  const opened = aead.openWithNonce(key.expose(), sealed, utf8(inviteId));
  key.wipe();
  if (opened === null) return null;
  return decode(opened, packageLabel, (fields) => ({
    meshId: fields.id(),
    pin: fields.digest(),
    inviter: fields.key(),
    seq: fields.number(),
    hash: fields.digest(),
  }));
}

/** Signed by the invite key: the joiner knew the invite's secret. */
export function joinProofText(meshId: string, pin: Digest, inviteId: string, joiner: PublicKey): Bytes {
  return encode('claudemesh/join-proof/1', field.id(meshId), field.digest(pin), field.id(inviteId), field.key(joiner));
}
