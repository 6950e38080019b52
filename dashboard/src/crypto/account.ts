import { derive, deriveSigning, labels } from './labels';
import { MemberKey } from './member';
import type { Bytes } from './bytes';
import type { SigningKey } from './ed25519';
import type { PublicKey } from './ids';
import { encode, field } from './text';
import { Secret } from './secret';

export const accountSecretSize = 32;

/** The 32 random bytes of one account on one broker. The server is never sent them (keys.md 3 and 7). */
export class AccountSecret {
  private readonly secret: Secret;

  /** Takes a copy. */
  constructor(value: Bytes) {
    if (value.length !== accountSecretSize) throw new RangeError(`An account secret has ${accountSecretSize} bytes.`);
    this.secret = new Secret(value);
  }

  static generate(): AccountSecret {
    const random = Secret.random(accountSecretSize);
    const account = new AccountSecret(random.expose());
    random.wipe();
    return account;
  }

  /** Signs for the account itself: its first secret, approvals and renewals. */
  deriveAccountKey(userId: string): SigningKey {
    return deriveSigning(this.secret.expose(), userId, labels.accountSign);
  }

  /** The AEAD key of the account's own vault. */
  deriveVaultKey(userId: string): Secret {
    return derive(this.secret.expose(), userId, labels.accountSelf);
  }

  /** The same member on every machine of the account. */
  deriveMember(userId: string, meshId: string): MemberKey {
    return new MemberKey(deriveSigning(this.secret.expose(), userId, labels.peer(meshId)));
  }

  /** The public account key, without keeping the secret one. */
  publicKey(userId: string): PublicKey {
    const key = this.deriveAccountKey(userId);
    key.wipe();
    return key.public;
  }

  /** The bytes themselves, to be sealed or wrapped for the store. */
  expose(): Bytes {
    return this.secret.expose();
  }

  wipe(): void {
    this.secret.wipe();
  }

  toString(): string {
    return '(account secret)';
  }
}

/** An account's first secret: what its maker posts, signed by the account key and the device key (keys.md 7). */
export interface FirstSecret {
  readonly text: Bytes;
  readonly accountSignature: Bytes;
  readonly deviceSignature: Bytes;
}

export function announceFirstSecret(account: AccountSecret, device: SigningKey, userId: string, at: number): FirstSecret {
  const key = account.deriveAccountKey(userId);
  const text = encode(
    'claudemesh/account/1', field.id(userId), field.number(1), field.key(key.public), field.key(device.public), field.number(at));
  const announced = { text, accountSignature: key.sign(text), deviceSignature: device.sign(text) };
  key.wipe();
  return announced;
}
