import { signal } from '@preact/signals';
import { Problem, textOf } from '../api/problem';
import { account, broker } from '../app';
import { claimAdmitted } from './claiming';
import { acceptRenewal, type Enrolment, enrol } from './enrolment';
import { KeyStore } from './keystore';
import { browserName } from './name';
import { introduce } from './recovering';
import { openRows } from './rows';

/** What this browser has of the account that is signed in; null while it is not known. */
export const enrolment = signal<Enrolment | null>(null);

/** Counts how often it turned out that somebody had let the account in where it waited. */
export const admitted = signal(0);

export const enrolmentRefusal = signal<string | null>(null);

let opening: Promise<KeyStore | null> | null = null;

/** The keys that this browser keeps; null where it keeps nothing. */
export function keyStore(): Promise<KeyStore | null> {
  opening ??= openRows().then((rows) => rows && new KeyStore(rows));
  return opening;
}

/** Looks what this browser is to the account. */
export async function enrolHere(): Promise<void> {
  const user = account.value;
  if (user === null) {
    enrolment.value = null;
    return;
  }
  try {
    const found = await enrol(broker, await keyStore(), user.userId, browserName());
    if (account.value?.userId !== user.userId) return;
    if (found.is === 'ready' && !(await sayWhichDevice(found.keys))) {
      await forgetHere();
      return enrolHere();
    }
    enrolment.value = found;
    enrolmentRefusal.value = null;
    if (found.is === 'ready' && (await claimAdmitted(broker, found.keys))) admitted.value++;
    if (found.is !== 'without-storage') void navigator.storage?.persist?.();
  } catch (error) {
    enrolmentRefusal.value = textOf(error);
  }
}

/**
 * A new session of a browser that is a device already: the list then shows it as this one, and its removal ends it.
 * @returns False for a browser that was removed: its keys are worth nothing any more, and another device has to let it in anew.
 */
async function sayWhichDevice(keys: Extract<Enrolment, { is: 'ready' }>['keys']): Promise<boolean> {
  const { devices } = await broker.call('GET /api/my/devices');
  if (devices.some((device) => device.devicePub === keys.device.public && device.current)) return true;
  try {
    await introduce(broker, keys, devices.find((device) => device.devicePub === keys.device.public)?.name ?? browserName());
    return true;
  } catch (error) {
    if (error instanceof Problem && error.is('device_removed')) return false;
    throw error;
  }
}

export async function agreeToRenewal(): Promise<void> {
  const store = await keyStore();
  if (store && enrolment.value?.is === 'renewed') await acceptRenewal(store, enrolment.value);
  await enrolHere();
}

/** Takes every key of the account from this browser. */
export async function forgetHere(): Promise<void> {
  const store = await keyStore();
  if (store && account.value) await store.forget(account.value.userId);
  enrolment.value = null;
}
