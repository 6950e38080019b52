import type { Client } from '../api/client';
import { Problem } from '../api/problem';
import { type AccountSecret, approveOneself, recovery, type Secret, tryBase64 } from '../crypto';
import { fromBase64, publicKey, toBase64 } from './bytes';
import type { AccountKey } from './enrolment';
import type { KeyStore, Keys } from './keystore';

type Ready = Keys & { readonly account: NonNullable<Keys['account']> };

/** Opens the account with the printed key. A key with a typing error never gets here: its check does not fit. */
export async function recoverByKey(broker: Client, store: KeyStore, keys: Keys, key: AccountKey, printed: recovery.RecoveryKey, name: string): Promise<Keys> {
  const of = { userId: keys.userId, generation: key.generation, account: publicKey(key.accountPub) };
  for (const stored of await blobs(broker)) {
    const secret = stored.kind === 'key' ? recovery.openWithKey(printed, fromBase64(stored.blob!), of) : null;
    if (secret) return keep(broker, store, keys, key, secret, name);
  }
  throw new Problem(
    'recovery_key_wrong',
    'This is not the recovery key of your account, or a newer one took its place. Look for the one that was printed last.',
    0,
  );
}

/** The credentials that a passkey can be asked for, newest first. */
export async function recoveringPasskeys(broker: Client): Promise<Uint8Array[]> {
  return (await blobs(broker))
    .flatMap((stored) => (stored.kind === 'prf' && stored.credentialId ? [tryBase64(stored.credentialId) ?? []] : []))
    .map((id) => Uint8Array.from(id));
}

/** Opens the account with what a passkey derives. The secret is used here and goes nowhere. */
export async function recoverByPasskey(
  broker: Client,
  store: KeyStore,
  keys: Keys,
  key: AccountKey,
  credentialId: Uint8Array,
  prf: Secret,
  name: string,
): Promise<Keys> {
  const of = { userId: keys.userId, generation: key.generation, account: publicKey(key.accountPub) };
  for (const stored of await blobs(broker)) {
    if (stored.kind !== 'prf' || stored.credentialId !== toBase64(credentialId)) continue;
    const secret = recovery.openWithPrf(prf, credentialId, fromBase64(stored.blob!), of);
    if (secret) return keep(broker, store, keys, key, secret, name);
  }
  throw new Problem('passkey_opens_nothing', 'This passkey does not open your account. Try another one, or the recovery key.', 0);
}

/** Kept by the broker for the printed key. The one before is worth nothing from then on. */
export async function storeRecoveryKey(broker: Client, keys: Ready, key: recovery.RecoveryKey): Promise<void> {
  const { secret, generation } = keys.account;
  const blob = recovery.sealWithKey(key, secret, keys.userId, generation);
  await broker.call('PUT /api/my/recovery/{kind}', { path: { kind: 'key' }, body: { blob: toBase64(blob), generation } });
}

export async function storePasskeyRecovery(broker: Client, keys: Ready, credentialId: Uint8Array, prf: Secret): Promise<void> {
  const { secret, generation } = keys.account;
  const blob = recovery.sealWithPrf(prf, credentialId, secret, keys.userId, generation);
  await broker.call('PUT /api/my/recovery/{kind}', {
    path: { kind: 'prf' },
    body: { blob: toBase64(blob), generation, credentialId: toBase64(credentialId) },
  });
}

/** Tells the broker which device this session is; a device that recovered enters itself in the list with it. */
export async function introduce(broker: Client, keys: Ready, name: string): Promise<void> {
  const { secret, pub, generation } = keys.account;
  const record = approveOneself(secret, keys.device, {
    userId: keys.userId,
    userCode: '',
    device: keys.device.public,
    deviceName: name,
    account: pub,
    generation,
    approverDevice: keys.device.public,
    at: Date.now(),
  });
  try {
    await broker.call('POST /api/my/devices', {
      body: { text: toBase64(record.text), accountSig: toBase64(record.accountSignature), deviceSig: toBase64(record.deviceSignature) },
    });
  } catch (error) {
    if (!(error instanceof Problem) || !error.is('approval_refused')) throw error;
    throw new Problem('other_session', 'This session belongs to keys that this browser had before. Sign out, sign in again, and do it once more.', 0);
  }
}

async function keep(broker: Client, store: KeyStore, keys: Keys, key: AccountKey, secret: AccountSecret, name: string): Promise<Keys> {
  const ready = { ...keys, account: { secret, pub: publicKey(key.accountPub), generation: key.generation, confirmed: true } };
  await introduce(broker, ready, name);
  await store.save(ready);
  return ready;
}

/** Given only to who has proved himself just now; then they are asked for again. */
async function blobs(broker: Client) {
  let answer = await broker.call('GET /api/my/recovery');
  if (answer.withheld && (await broker.confirm())) answer = await broker.call('GET /api/my/recovery');
  return answer.blobs.filter((stored) => stored.blob !== undefined);
}
