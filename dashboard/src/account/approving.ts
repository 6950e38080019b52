import type { Client, Reply } from '../api/client';
import { Problem } from '../api/problem';
import { approve, type PairingSecret, type PublicKey } from '../crypto';
import { publicKey, toBase64 } from './bytes';
import type { Keys } from './keystore';

export type DeviceRequest = Reply<'GET /api/my/device-requests/{userCode}'>;

/** A code as it is typed: in either case, with or without its hyphen. Null for what is none. */
export function parseUserCode(typed: string): string | null {
  const letters = typed.toUpperCase().replace(/[\s-]/g, '');
  return /^[A-Z0-9]{8}$/.test(letters) ? `${letters.slice(0, 4)}-${letters.slice(4)}` : null;
}

/** Looks the request up. A link whose key is not the machine's was changed on its way, or the broker shows another machine than asked. */
export async function findRequest(broker: Client, userCode: string, linked: PublicKey | null): Promise<DeviceRequest> {
  const request = await broker.call('GET /api/my/device-requests/{userCode}', { path: { userCode } });
  if (linked !== null && publicKey(request.devicePub) !== linked) {
    throw new Problem(
      'other_device',
      'The link and the broker name two different machines. Do not approve this: begin the login on your machine again, and tell who runs the broker if it happens twice.',
      0,
    );
  }
  return request;
}

/** Seals the account secret to the machine, under what its person brought here. Done on a click only. */
export async function approveRequest(
  broker: Client,
  keys: Keys & { readonly account: NonNullable<Keys['account']> },
  request: DeviceRequest,
  pairing: PairingSecret,
  typedName: string | null,
): Promise<Reply<'POST /api/my/device-requests/{userCode}/approve'>> {
  const { secret, pub, generation } = keys.account;
  const approval = approve(secret, keys.device, pairing, {
    userId: keys.userId,
    userCode: request.userCode,
    device: publicKey(request.devicePub),
    deviceName: request.deviceName,
    account: pub,
    generation,
    approverDevice: keys.device.public,
    at: Date.now(),
  });
  if (approval === null) throw new Problem('bad_device_key', 'The machine named a key that nothing can be sealed to. Begin the login there again.', 0);

  const { text, box, accountSignature, deviceSignature } = approval;
  return broker.call('POST /api/my/device-requests/{userCode}/approve', {
    path: { userCode: request.userCode },
    body: {
      text: toBase64(text),
      box: toBase64(box),
      accountSig: toBase64(accountSignature),
      deviceSig: toBase64(deviceSignature),
      ...(typedName === null ? {} : { typedName }),
    },
  });
}

/** Where the terminal on this computer waits for the code without which it gets nothing. */
export function loopbackAddress(loopback: { port: number; code: string }): string {
  if (!Number.isInteger(loopback.port) || loopback.port < 1 || loopback.port > 65_535 || !/^[\w-]{1,128}$/.test(loopback.code)) {
    throw new Problem('unreadable', 'The broker answered with something that this page cannot read. Begin the login on your machine again.', 0);
  }
  return `http://127.0.0.1:${loopback.port}/claudemesh/login?code=${loopback.code}`;
}
