import type { Client, Reply } from '../api/client';
import { type PublicKey, parseApprovalText, parseRenewalText, tryBase64, tryPublicKey, verify } from '../crypto';
import { decode } from '../crypto/text';
import { fromBase64, publicKey } from './bytes';

export type Device = Reply<'GET /api/my/devices'>['devices'][number];
type AccountKey = Reply<'GET /api/my/key'>;

/**
 * The account keys that lead to the one that this browser derives, the present one first: each renewal is signed by the key before and names it. Nothing
 * that the broker adds gets into this set.
 */
export function accountKeys(key: AccountKey, userId: string, own: PublicKey): Set<PublicKey> {
  const trusted = new Set<PublicKey>([own]);
  let newest = own;
  for (const record of [key.record, ...[...key.history].reverse()]) {
    if (record.accountPub !== newest) continue;
    const text = tryBase64(record.text);
    const renewal = text && parseRenewalText(text);
    if (!text || !renewal || renewal.userId !== userId || renewal.newAccount !== newest || !record.oldSig) break;
    if (!verify(newest, text, fromBase64(record.accountSig)) || !verify(renewal.oldAccount, text, fromBase64(record.oldSig))) break;
    trusted.add(renewal.oldAccount);
    newest = renewal.oldAccount;
  }
  return trusted;
}

/** Whether a device of the account approved this one, or it was the first. False: the broker alone says so. */
export function isProven(device: Device, userId: string, trusted: ReadonlySet<PublicKey>): boolean {
  const [text, accountSignature, deviceSignature] = [tryBase64(device.text), tryBase64(device.accountSig), tryBase64(device.deviceSig)];
  if (!text || !accountSignature || !deviceSignature) return false;

  const approval = parseApprovalText(text);
  if (approval !== null) {
    return (
      approval.userId === userId &&
      approval.device === device.devicePub &&
      trusted.has(approval.account) &&
      verify(approval.account, text, accountSignature) &&
      verify(approval.approverDevice, text, deviceSignature)
    );
  }

  const first = parseFirst(text);
  return (
    first !== null &&
    first.userId === userId &&
    first.device === device.devicePub &&
    trusted.has(first.account) &&
    verify(first.account, text, accountSignature) &&
    verify(first.device, text, deviceSignature)
  );
}

/** The devices that the held account key vouches for. */
export async function trustedDevices(broker: Client, userId: string, key: AccountKey, own: PublicKey): Promise<PublicKey[]> {
  const { devices } = await broker.call('GET /api/my/devices');
  const trusted = accountKeys(key, userId, own);
  return devices.filter((device) => isProven(device, userId, trusted)).map((device) => publicKey(device.devicePub));
}

function parseFirst(text: Uint8Array) {
  return decode(text, 'claudemesh/account/1', (fields) => {
    const userId = fields.id();
    fields.number();
    const account = fields.key();
    const device = fields.key();
    fields.number();
    return { userId, account, device };
  });
}

/** The beginning of a key, for people who compare. */
export function shortKey(hex: string): string {
  return tryPublicKey(hex) ? `${hex.slice(0, 4)} ${hex.slice(4, 8)} ${hex.slice(8, 12)} ${hex.slice(12, 16)}` : '';
}
