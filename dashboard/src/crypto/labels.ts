import { type Bytes, utf8 } from './bytes';
import { SigningKey } from './ed25519';
import { hkdf32 } from './hashing';
import { isScope, isWireId } from './ids';
import { Secret } from './secret';

/** Every label of HKDF-SHA256, as keys.md 3 lists them. */
export const labels = {
  accountSign: 'claudemesh/account/sign',
  accountSelf: 'claudemesh/account/self',
  fingerprint: 'claudemesh/fingerprint',
  direct: 'claudemesh/direct',
  broadcast: 'claudemesh/broadcast',
  inviteSign: 'claudemesh/invite/sign',
  inviteWrap: 'claudemesh/invite/wrap',
  deviceApproval: 'claudemesh/device-approval',
  recoveryKey: 'claudemesh/recovery-key',
  recoveryPrf: 'claudemesh/recovery-prf',
  peer: (meshId: string) => `claudemesh/mesh/${id(meshId)}/peer`,
  session: (sessionId: string) => `claudemesh/session/${id(sessionId)}`,
  rootId: (scope: string, epoch: number) => `claudemesh/root-id/${scopeOf(scope)}/${number(epoch)}`,
  back: (scope: string, epoch: number) => `claudemesh/back/${scopeOf(scope)}/${number(epoch)}`,
  topic: (topicId: string) => `claudemesh/topic/${id(topicId)}`,
  topicV2: (topicId: string) => `claudemesh/topic-v2/${id(topicId)}`,
  group: (name: string) => `claudemesh/group/${name}`,
  tag: (tag: string) => `claudemesh/tag/${tag}`,
  object: (kind: string) => `claudemesh/object/${kind}`,
};

/** Derives 32 bytes. The salt is an id and is checked, because a broker may have chosen it. */
export function derive(ikm: Bytes, salt: string, info: string): Secret {
  return deriveRaw(ikm, utf8(id(salt)), info);
}

export function deriveRaw(ikm: Bytes, salt: Bytes, info: string): Secret {
  const key = hkdf32(ikm, salt, utf8(info));
  const secret = new Secret(key);
  key.fill(0);
  return secret;
}

export function deriveSigning(ikm: Bytes, salt: string, info: string): SigningKey {
  const seed = derive(ikm, salt, info);
  const key = new SigningKey(seed.expose());
  seed.wipe();
  return key;
}

function id(value: string): string {
  if (!isWireId(value)) throw new RangeError('An id is 1 to 64 letters, digits, - or _.');
  return value;
}

function scopeOf(scope: string): string {
  if (!isScope(scope)) throw new RangeError('A scope is mesh or topic/<topic_id>.');
  return scope;
}

function number(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('An epoch is an integer from 0 to 2^53-1.');
  return String(value);
}
