import type { Client, Reply } from '../api/client';
import { Problem } from '../api/problem';
import { AccountSecret, announceFirstSecret, openRenewal, type PublicKey, SigningKey } from '../crypto';
import { fromBase64, publicKey, toBase64 } from './bytes';
import { trustedDevices } from './devices';
import type { KeyStore, Keys } from './keystore';

/** What this browser has of the account that is signed in. */
export type Enrolment =
  /** It is a device of the account. */
  | { readonly is: 'ready'; readonly keys: Keys & { readonly account: NonNullable<Keys['account']> } }
  /** The account has a secret that this browser has not: another device, or a way of recovery, gives it. */
  | { readonly is: 'new'; readonly keys: Keys; readonly key: AccountKey }
  /** Another device gave the account another secret, as after a loss; this browser's person has to agree. */
  | { readonly is: 'renewed'; readonly keys: Keys; readonly next: NonNullable<Keys['account']>; readonly at: number }
  /** The broker shows an account key that does not follow from the one that this browser knows. */
  | { readonly is: 'refused' }
  /** This browser keeps nothing. */
  | { readonly is: 'without-storage' };

export type AccountKey = Reply<'GET /api/my/key'>;

/** Finds out, and makes the account's first secret where it has none: the first device does, browser or terminal. */
export async function enrol(broker: Client, store: KeyStore | null, userId: string, deviceName: string): Promise<Enrolment> {
  if (store === null) return { is: 'without-storage' };
  const held = (await store.find(userId)) ?? { userId, device: SigningKey.generate(), account: null };
  const key = await findKey(broker);
  if (key === null) return makeFirst(broker, store, held, deviceName);
  if (held.account === null) return { is: 'new', keys: held, key };
  if (held.account.pub === key.accountPub && held.account.generation === key.generation) return { is: 'ready', keys: await confirm(store, held, held.account) };
  if (!held.account.confirmed) {
    // Ours never was the account's: another device was quicker.
    const without = { ...held, account: null };
    held.account.secret.wipe();
    await store.save(without);
    return { is: 'new', keys: without, key };
  }
  return key.generation > held.account.generation ? followRenewals(broker, held, held.account, key) : { is: 'refused' };
}

/** The person agreed: the next secret takes the place of the one before. */
export async function acceptRenewal(store: KeyStore, renewed: Extract<Enrolment, { is: 'renewed' }>): Promise<void> {
  await store.save({ ...renewed.keys, account: renewed.next });
  renewed.keys.account?.secret.wipe();
}

export async function findKey(broker: Client): Promise<AccountKey | null> {
  try {
    return await broker.call('GET /api/my/key');
  } catch (error) {
    if (error instanceof Problem && error.is('no_account_key')) return null;
    throw error;
  }
}

/** Kept before it is told: a browser that is closed between the two must not leave an account whose secret nobody has. */
async function makeFirst(broker: Client, store: KeyStore, held: Keys, deviceName: string): Promise<Enrolment> {
  const { userId, device } = held;
  if (held.account && held.account.generation !== 1) return { is: 'refused' };
  const secret = held.account?.secret ?? AccountSecret.generate();
  const account = { secret, pub: secret.publicKey(userId), generation: 1, confirmed: false };
  await store.save({ userId, device, account });
  const first = announceFirstSecret(secret, device, userId, Date.now());
  try {
    await broker.call('POST /api/my/key', {
      body: { text: toBase64(first.text), accountSig: toBase64(first.accountSignature), deviceSig: toBase64(first.deviceSignature), deviceName },
    });
  } catch (error) {
    if (!(error instanceof Problem) || !error.is('account_key_exists')) throw error;
    return enrol(broker, store, userId, deviceName);
  }
  return { is: 'ready', keys: await confirm(store, { userId, device, account }, account) };
}

async function confirm(store: KeyStore, keys: Keys, account: NonNullable<Keys['account']>) {
  const confirmed = { ...keys, account: { ...account, confirmed: true } };
  if (!account.confirmed) await store.save(confirmed);
  return confirmed;
}

/** From the secret that this browser has, one renewal after the other, each checked as keys.md 7 says. */
async function followRenewals(broker: Client, keys: Keys, held: NonNullable<Keys['account']>, key: AccountKey): Promise<Enrolment> {
  let account = held;
  let devices: readonly PublicKey[] = await trustedDevices(broker, keys.userId, key, held.pub);
  let at = 0;
  while (account.generation < key.generation) {
    const renewal = await findRenewal(broker, account.generation + 1);
    if (renewal === null || !renewal.copy) return { is: 'new', keys: { ...keys, account: null }, key };
    const opened = openRenewal(
      {
        text: fromBase64(renewal.text),
        oldSignature: fromBase64(renewal.oldSig),
        newSignature: fromBase64(renewal.newSig),
        deviceSignature: fromBase64(renewal.deviceSig),
      },
      fromBase64(renewal.copy),
      keys.device,
      { userId: keys.userId, generation: account.generation, account: account.pub, devices },
    );
    if (opened === null) return { is: 'refused' };
    devices = devices.filter((device) => !opened.text.removedDevices.includes(device));
    account = { secret: opened.account, pub: opened.text.newAccount, generation: opened.text.generation, confirmed: true };
    at = opened.text.at;
  }
  return account.pub === publicKey(key.accountPub) ? { is: 'renewed', keys, next: account, at } : { is: 'refused' };
}

async function findRenewal(broker: Client, generation: number): Promise<Reply<'GET /api/my/renewal/{generation}'> | null> {
  try {
    return await broker.call('GET /api/my/renewal/{generation}', { path: { generation: String(generation) } });
  } catch (error) {
    // A browser that was removed is told nothing of it.
    if (error instanceof Problem && error.is('renewal_not_found', 'device_removed', 'device_not_found')) return null;
    throw error;
  }
}
