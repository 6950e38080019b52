import * as aead from './aead';
import type { AccountSecret } from './account';
import type { Bytes } from './bytes';
import { encode, field } from './text';

/** What the account's devices share through the broker, which cannot read it (keys.md 10). The version only rises. */
export function sealVault(account: AccountSecret, userId: string, version: number, content: Bytes, nonce?: Bytes): Bytes {
  const key = account.deriveVaultKey(userId);
  const blob = aead.sealWithNonce(key.expose(), content, associated(userId, version), nonce);
  key.wipe();
  return blob;
}

/** Null for another account's, and for one that the broker shows under another version than it was written with. */
export function openVault(account: AccountSecret, userId: string, version: number, blob: Bytes): Bytes | null {
  const key = account.deriveVaultKey(userId);
  const content = aead.openWithNonce(key.expose(), blob, associated(userId, version));
  key.wipe();
  return content;
}

function associated(userId: string, version: number): Bytes {
  return encode('claudemesh/vault/1', field.id(userId), field.number(version));
}
