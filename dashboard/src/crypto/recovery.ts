// keys.md 7. Recovery key: 20 random bytes ‖ 20 bits of their SHA-256, as 36 Crockford characters in nine groups of four.
// Blob: "CMR1" ‖ kind ‖ nonce 24 ‖ AEAD(key, nonce, account secret 32, aad = T("claudemesh/recovery/1", …)): 77 bytes.

import * as aead from './aead';
import * as crockford from './crockford';
import { AccountSecret } from './account';
import { type Bytes, concat, equal, utf8 } from './bytes';
import { derive, labels } from './labels';
import { encode, field } from './text';
import type { PublicKey } from './ids';
import { Secret } from './secret';
import { sha256 } from './hashing';

export const blobSize = 77;
export const prfInput = utf8('claudemesh/prf/1');

const magic = utf8('CMR1');
const kindKey = 1;
const kindPrf = 2;
const keyBytes = 20;
const keyBits = keyBytes * 8 + 20;

/** The key that a person prints. With the account's login it opens the account on a new machine. */
export class RecoveryKey {
  private readonly secret: Secret;

  constructor(value: Bytes) {
    if (value.length !== keyBytes) throw new RangeError(`A recovery key has ${keyBytes} bytes.`);
    this.secret = new Secret(value);
  }

  static generate(): RecoveryKey {
    const random = Secret.random(keyBytes);
    const key = new RecoveryKey(random.expose());
    random.wipe();
    return key;
  }

  /** Reads what a person typed, in either case, with or without hyphens; null when the check does not fit: a typing error. */
  static tryParse(typed: string): RecoveryKey | null {
    const bytes = crockford.decode(typed, keyBits);
    if (bytes === null) return null;
    const value = bytes.slice(0, keyBytes);
    const key = equal(bytes.slice(keyBytes), checkOf(value)) ? new RecoveryKey(value) : null;
    bytes.fill(0);
    value.fill(0);
    return key;
  }

  /** Nine groups of four characters, to be printed. This is the key itself. */
  toPrintedText(): string {
    const value = this.secret.expose();
    return crockford.encode(concat(value, checkOf(value)), keyBits).match(/.{4}/g)!.join('-');
  }

  deriveKey(userId: string): Secret {
    return derive(this.secret.expose(), userId, labels.recoveryKey);
  }

  wipe(): void {
    this.secret.wipe();
  }

  toString(): string {
    return '(recovery key)';
  }
}

/** What a blob belongs to; all of it is associated with the ciphertext. */
export interface RecoveryOf {
  readonly userId: string;
  readonly generation: number;
  readonly account: PublicKey;
}

export function sealWithKey(key: RecoveryKey, account: AccountSecret, userId: string, generation: number, nonce?: Bytes): Bytes {
  return seal(key.deriveKey(userId), kindKey, account, userId, generation, field.absent, nonce);
}

/** @param prf The passkey's 32 bytes for {@link prfInput}. They are used here and nowhere else. */
export function sealWithPrf(
  prf: Secret, credentialId: Bytes, account: AccountSecret, userId: string, generation: number, nonce?: Bytes,
): Bytes {
  return seal(derive(prf.expose(), userId, labels.recoveryPrf), kindPrf, account, userId, generation, credentialId, nonce);
}

/** Null for another key, user, generation or account: what opens is compared with the account's public key too. */
export function openWithKey(key: RecoveryKey, blob: Bytes, of: RecoveryOf): AccountSecret | null {
  return open(key.deriveKey(of.userId), kindKey, blob, of, field.absent);
}

export function openWithPrf(prf: Secret, credentialId: Bytes, blob: Bytes, of: RecoveryOf): AccountSecret | null {
  return open(derive(prf.expose(), of.userId, labels.recoveryPrf), kindPrf, blob, of, credentialId);
}

function seal(
  key: Secret, kind: number, account: AccountSecret, userId: string, generation: number, credentialId: Bytes, nonce?: Bytes,
): Bytes {
  const of = { userId, generation, account: account.publicKey(userId) };
  const box = aead.sealWithNonce(key.expose(), account.expose(), associated(of, kind, credentialId), nonce);
  key.wipe();
  return concat(magic, Uint8Array.of(kind), box);
}

function open(key: Secret, kind: number, blob: Bytes, of: RecoveryOf, credentialId: Bytes): AccountSecret | null {
  const head = magic.length + 1;
  const fits = blob.length === blobSize && equal(blob.slice(0, head), concat(magic, Uint8Array.of(kind)));
  const opened = fits ? aead.openWithNonce(key.expose(), blob.slice(head), associated(of, kind, credentialId)) : null;
  key.wipe();
  if (opened === null) return null;

  const account = new AccountSecret(opened);
  opened.fill(0);
  if (account.publicKey(of.userId) === of.account) return account;
  account.wipe();
  return null;
}

function associated(of: RecoveryOf, kind: number, credentialId: Bytes): Bytes {
  return encode(
    'claudemesh/recovery/1',
    field.id(of.userId),
    field.number(of.generation),
    field.key(of.account),
    field.number(kind),
    field.bytes(credentialId));
}

/** 20 bits are two and a half bytes; the half that does not count is zero. */
function checkOf(key: Bytes): Bytes {
  const check = sha256(key).slice(0, 3);
  check[2]! &= 0xf0;
  return check;
}
