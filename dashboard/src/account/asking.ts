import type { Client, Reply } from '../api/client';
import { Problem } from '../api/problem';
import { deviceTokenText, openApproval, PairingSecret, utf8 } from '../crypto';
import { fromBase64, toBase64 } from './bytes';
import type { AccountKey } from './enrolment';
import type { KeyStore, Keys } from './keystore';
import { introduce } from './recovering';

const clientId = 'claudemesh-page';
const grant = 'urn:ietf:params:oauth:grant-type:device_code';

/** What this browser shows while it waits for another device of the account to let it in (RFC 8628, keys.md 7). */
export interface Asking {
  readonly code: string;
  /** Typed with the code where the link cannot be opened. */
  readonly pairing: string;
  /** Opened, or scanned, on a device that is in. */
  readonly link: string;
  readonly endsAt: number;
  /** Ends when the request was decided, with the keys; or is refused. */
  wait(signal: AbortSignal): Promise<Keys>;
}

/** @param platform What the browser runs on, for the person who is asked; null where nobody knows. */
export async function ask(broker: Client, store: KeyStore, keys: Keys, key: AccountKey, name: string, platform: string | null): Promise<Asking> {
  const pairing = PairingSecret.generate();
  const request = await broker.call('POST /oauth/device_authorization', {
    body: { client_id: clientId, device_pub: keys.device.public, device_name: name, ...(platform ? { platform } : {}) },
  });
  // What is asked for must outlive this page: a browser that is let in while it reloads keeps its device key.
  await store.save(keys);
  return {
    code: request.user_code,
    pairing: pairing.toTypedText(),
    link: `${request.verification_uri_complete}#${pairing.toFragment(keys.device.public)}`,
    endsAt: Date.now() + request.expires_in * 1000,
    wait: async (signal) => {
      const tokens = await poll(broker, keys, request, signal);
      return open(broker, store, keys, key, pairing, request.user_code, name, tokens);
    },
  };
}

/** The standard has no other way to hear of it: as often as the broker says, and slower when it asks for that. */
async function poll(broker: Client, keys: Keys, request: Reply<'POST /oauth/device_authorization'>, signal: AbortSignal): Promise<Reply<'POST /oauth/token'>> {
  let seconds = request.interval;
  while (true) {
    await pause(seconds * 1000, signal);
    try {
      const at = Date.now();
      const proof = toBase64(keys.device.sign(deviceTokenText(request.device_code, at)));
      return await broker.call('POST /oauth/token', {
        body: { grant_type: grant, client_id: clientId, device_code: request.device_code, device_pub: keys.device.public, proof, at: String(at) },
        signal,
      });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.is('slow_down')) seconds += 5;
      else if (error.is('access_denied')) throw new Problem('denied', 'The other device said no. Nothing was given to this browser.', 0);
      else if (error.is('expired_token')) throw new Problem('expired', 'Ten minutes are over and nobody let this browser in. Ask again.', 0);
      // A broker that is away for a moment is asked again.
      else if (!error.is('authorization_pending', 'unreachable', 'unavailable')) throw error;
    }
  }
}

async function open(
  broker: Client,
  store: KeyStore,
  keys: Keys,
  key: AccountKey,
  pairing: PairingSecret,
  code: string,
  name: string,
  tokens: Reply<'POST /oauth/token'>,
): Promise<Keys> {
  const { approval } = tokens;
  // This browser has its own session in cookies; those tokens would be a second one that nobody uses.
  await broker.call('POST /oauth/revoke', { body: { token: tokens.refresh_token, client_id: clientId } }).catch(() => null);
  const opened =
    approval && tokens.sub === keys.userId
      ? openApproval(
          keys.device,
          pairing,
          {
            text: fromBase64(approval.text),
            box: fromBase64(approval.box),
            accountSignature: fromBase64(approval.accountSig),
            deviceSignature: fromBase64(approval.deviceSig),
          },
          { userId: keys.userId, userCode: code, deviceName: name },
        )
      : null;
  pairing.wipe();
  // What opens must be the key that the broker shows as the account's: else this browser would be somebody of its own.
  if (opened === null || opened.text.account !== key.accountPub || opened.text.generation !== key.generation) {
    throw new Problem(
      'not_approved',
      'This was not approved by a device of your account, so nothing was kept. Ask again, and approve on a device that you have at hand.',
      0,
    );
  }

  const ready = { ...keys, account: { secret: opened.account, pub: opened.text.account, generation: opened.text.generation, confirmed: true } };
  await store.save(ready);
  await introduce(broker, ready, name);
  return ready;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** The name that a device gives itself: one line, at most 80 characters in UTF-8 as the broker counts them. */
export function isDeviceName(name: string): boolean {
  return name.trim() === name && name !== '' && [...name].length <= 80 && utf8(name).length <= 320 && !/\p{Cc}/u.test(name);
}
