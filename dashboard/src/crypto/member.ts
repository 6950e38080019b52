import type { Bytes } from './bytes';
import { SigningKey, verify } from './ed25519';
import type { Digest, PublicKey } from './ids';
import { derive, deriveSigning, labels } from './labels';
import type { Secret } from './secret';
import { encode, field } from './text';

/** A member's lasting key in one workspace: signs everything of the member, and its messages are written under it. */
export class MemberKey {
  constructor(readonly key: SigningKey) {}

  static fromSeed(seed: Bytes): MemberKey {
    return new MemberKey(new SigningKey(seed));
  }

  get public(): PublicKey {
    return this.key.public;
  }

  /** A session is named by its id and has no key to keep: it is derived again at each start. */
  deriveSession(meshId: string, sessionId: string): SigningKey {
    return deriveSigning(this.key.exposeSeed(), meshId, labels.session(sessionId));
  }

  /** The key that hides a message's fingerprint from the broker. */
  deriveFingerprintKey(meshId: string): Secret {
    return derive(this.key.exposeSeed(), meshId, labels.fingerprint);
  }

  sign(text: Bytes): Bytes {
    return this.key.sign(text);
  }

  wipe(): void {
    this.key.wipe();
  }

  toString(): string {
    return `(member key of ${this.public})`;
  }
}

/** Signed by the member key over the broker's challenge of 32 bytes. */
export function helloText(meshId: string, member: PublicKey, challenge: Bytes, sentAt: number): Bytes {
  return encode('claudemesh/hello/3', field.id(meshId), field.key(member), field.bytes(challenge, 32), field.number(sentAt));
}

/** Signed by the member key (the attestation) and by the session key (the proof); at most 24 hours. */
export function sessionText(meshId: string, member: PublicKey, session: PublicKey, sessionId: string, expiresAt: number): Bytes {
  return encode(
    'claudemesh/session/2', field.id(meshId), field.key(member), field.key(session), field.id(sessionId), field.number(expiresAt));
}

/** Signed by the key that will own the workspace. */
export function workspaceCreateText(meshId: string, slug: string, name: string, owner: PublicKey, createdAt: number): Bytes {
  return encode(
    'claudemesh/workspace-create/1', field.id(meshId), field.text(slug), field.text(name), field.key(owner), field.number(createdAt));
}

/** Signed by the key that joins with a 1.x invite. `tokenHash` is the SHA-256 of the token's characters. */
export function joinPossessionText(meshId: string, tokenHash: Digest, joiner: PublicKey, joinedAt: number): Bytes {
  return encode('claudemesh/join-possession/1', field.id(meshId), field.digest(tokenHash), field.key(joiner), field.number(joinedAt));
}

/** Signed by the member key: this account is the one behind the member. */
export function memberClaimText(meshId: string, userId: string, member: PublicKey, at: number): Bytes {
  return encode('claudemesh/member-claim/1', field.id(meshId), field.id(userId), field.key(member), field.number(at));
}

/** Signed by the device key when it fetches its tokens: who has the code alone has nothing. */
export function deviceTokenText(deviceCode: string, at: number): Bytes {
  return encode('claudemesh/device-token/1', field.text(deviceCode), field.number(at));
}

export type ReceiptState = 'surfaced' | 'read' | 'refused';

export interface Receipt {
  readonly meshId: string;
  readonly senderMember: PublicKey;
  readonly clientMessageId: string;
  readonly recipientMember: PublicKey;
  readonly recipientSession: PublicKey | null;
  readonly state: ReceiptState;
  /** Why it was refused; null for the other two. */
  readonly reason: string | null;
  readonly at: number;
}

/** Signed by the recipient's member key: what became of a message. */
export function receiptText(receipt: Receipt): Bytes {
  return encode(
    'claudemesh/receipt/1',
    field.id(receipt.meshId),
    field.key(receipt.senderMember),
    field.text(receipt.clientMessageId),
    field.key(receipt.recipientMember),
    field.optionalKey(receipt.recipientSession),
    field.oneOf(receipt.state, ['surfaced', 'read', 'refused'].includes(receipt.state)),
    field.text(receipt.reason),
    field.number(receipt.at));
}

/** Both signatures of a session's attestation, and both keys, are good. The times are the caller's to check. */
export function verifiesSession(text: Bytes, member: PublicKey, session: PublicKey, attestation: Bytes, proof: Bytes): boolean {
  return verify(member, text, attestation) && verify(session, text, proof);
}
