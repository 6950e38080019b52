import * as boxes from './boxes';
import { AccountSecret } from './account';
import { type Bytes, concat } from './bytes';
import { type SigningKey, verify } from './ed25519';
import { bytesOf, keySize, type PublicKey, publicKeyOf } from './ids';
import { decode, encode, field } from './text';

const label = 'claudemesh/account-renewal/1';

/** An account's next secret after a device was lost. `generation` is the new secret's: one more than the old one's. */
export interface RenewalText {
  readonly userId: string;
  readonly generation: number;
  readonly oldAccount: PublicKey;
  readonly newAccount: PublicKey;
  readonly removedDevices: readonly PublicKey[];
  readonly at: number;
}

/** What is posted: the text, the three signatures, and the new secret sealed to each device that stays. */
export interface Renewal {
  readonly text: Bytes;
  readonly oldSignature: Bytes;
  readonly newSignature: Bytes;
  readonly deviceSignature: Bytes;
  readonly copies: readonly { readonly device: PublicKey; readonly sealed: Bytes }[];
}

/** The removed devices are written in ascending order, whatever their order here. */
export function writeRenewalText(text: RenewalText): Bytes {
  return encode(
    label,
    field.id(text.userId),
    field.number(text.generation),
    field.key(text.oldAccount),
    field.key(text.newAccount),
    field.bytes(concat(...[...text.removedDevices].sort().map(bytesOf))),
    field.number(text.at));
}

export function parseRenewalText(bytes: Bytes): RenewalText | null {
  return decode(bytes, label, (fields) => {
    const userId = fields.id();
    const generation = fields.number();
    const oldAccount = fields.key();
    const newAccount = fields.key();
    const joined = fields.bytes();
    fields.require(joined.length % keySize === 0);
    const removedDevices = Array.from({ length: joined.length / keySize }, (_, i) => publicKeyOf(joined.slice(i * keySize, (i + 1) * keySize)));
    fields.require(removedDevices.every((device, i) => i === 0 || removedDevices[i - 1]! < device));
    return { userId, generation, oldAccount, newAccount, removedDevices, at: fields.number() };
  });
}

/** @throws RangeError for a device that stays and cannot be sealed to; the list has none such. */
export function renew(
  old: AccountSecret,
  next: AccountSecret,
  device: SigningKey,
  userId: string,
  generation: number,
  removedDevices: readonly PublicKey[],
  stayingDevices: readonly PublicKey[],
  at: number,
): Renewal {
  const oldKey = old.deriveAccountKey(userId);
  const newKey = next.deriveAccountKey(userId);
  const text = writeRenewalText({ userId, generation, oldAccount: oldKey.public, newAccount: newKey.public, removedDevices, at });
  const copies = stayingDevices.map((staying) => {
    const sealed = boxes.seal(staying, next.expose());
    if (sealed === null) throw new RangeError('Nothing can be sealed to this device.');
    return { device: staying, sealed };
  });
  const renewal = { text, oldSignature: oldKey.sign(text), newSignature: newKey.sign(text), deviceSignature: device.sign(text), copies };
  oldKey.wipe();
  newKey.wipe();
  return renewal;
}

/**
 * Takes a renewal that another device made: the text follows the secret that this one holds, is signed by the old key, the new key and a
 * device that is in the verified list and stays, and the copy gives the new key. Null means: keep the old secret and say so.
 */
export function openRenewal(
  renewal: Omit<Renewal, 'copies'>,
  copy: Bytes,
  own: SigningKey,
  held: { readonly userId: string; readonly generation: number; readonly account: PublicKey; readonly devices: readonly PublicKey[] },
): { account: AccountSecret; text: RenewalText } | null {
  const text = parseRenewalText(renewal.text);
  if (
    text === null ||
    text.userId !== held.userId ||
    text.generation !== held.generation + 1 ||
    text.oldAccount !== held.account ||
    text.removedDevices.includes(own.public) ||
    !verify(text.oldAccount, renewal.text, renewal.oldSignature) ||
    !verify(text.newAccount, renewal.text, renewal.newSignature) ||
    !held.devices.some((device) => !text.removedDevices.includes(device) && verify(device, renewal.text, renewal.deviceSignature))
  ) {
    return null;
  }

  const secret = boxes.open(own, copy);
  if (secret === null) return null;
  const account = secret.size === 32 ? new AccountSecret(secret.expose()) : null;
  secret.wipe();
  if (account !== null && account.publicKey(text.userId) === text.newAccount) return { account, text };
  account?.wipe();
  return null;
}
