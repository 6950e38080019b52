// keys.md 7: sealed = crypto_box_seal(account secret, X25519(device)), box = nonce 24 ‖ AEAD(HKDF(s, SHA-256(A)), nonce, sealed, aad = A).

import * as aead from './aead';
import * as boxes from './boxes';
import { AccountSecret, accountSecretSize } from './account';
import type { Bytes } from './bytes';
import { type SigningKey, verify } from './ed25519';
import { decode, encode, field } from './text';
import type { PairingSecret } from './pairing';
import type { PublicKey } from './ids';
import type { Secret } from './secret';

const label = 'claudemesh/device-approval/1';
const boxSize = aead.nonceSize + accountSecretSize + boxes.sealedBoxOverhead + aead.tagSize;

/** The text A of a device's approval. `generation` is the account secret's, from 1; `at` is ms since 1970. */
export interface ApprovalText {
  readonly userId: string;
  readonly userCode: string;
  readonly device: PublicKey;
  readonly deviceName: string;
  readonly account: PublicKey;
  readonly generation: number;
  readonly approverDevice: PublicKey;
  readonly at: number;
}

/** What an approving device hands to the broker, which can neither read it nor put another in its place. */
export interface Approval {
  /** The bytes of A as they travel; whoever reads them checks these and encodes nothing again. */
  readonly text: Bytes;
  readonly box: Bytes;
  readonly accountSignature: Bytes;
  readonly deviceSignature: Bytes;
}

export function writeApprovalText(text: ApprovalText): Bytes {
  return encode(
    label,
    field.id(text.userId),
    field.text(text.userCode),
    field.key(text.device),
    field.text(text.deviceName),
    field.key(text.account),
    field.number(text.generation),
    field.key(text.approverDevice),
    field.number(text.at));
}

export function parseApprovalText(bytes: Bytes): ApprovalText | null {
  return decode(bytes, label, (fields) => ({
    userId: fields.id(),
    userCode: fields.text(),
    device: fields.key(),
    deviceName: fields.text(),
    account: fields.key(),
    generation: fields.number(),
    approverDevice: fields.key(),
    at: fields.number(),
  }));
}

/**
 * Approves a device. Null when its key is none that anything can be sealed to.
 * @throws RangeError when the text names other keys than those that approve.
 */
export function approve(
  account: AccountSecret, approver: SigningKey, pairing: PairingSecret, text: ApprovalText, nonce?: Bytes, ephemeral?: Secret,
): Approval | null {
  const accountKey = account.deriveAccountKey(text.userId);
  if (accountKey.public !== text.account || approver.public !== text.approverDevice) {
    throw new RangeError('The text names other keys than those that approve.');
  }
  const sealed = boxes.seal(text.device, account.expose(), ephemeral);
  if (sealed === null) return null;

  const a = writeApprovalText(text);
  const key = pairing.deriveApprovalKey(a);
  const box = aead.sealWithNonce(key.expose(), sealed, a, nonce);
  const approval = { text: a, box, accountSignature: accountKey.sign(a), deviceSignature: approver.sign(a) };
  key.wipe();
  accountKey.wipe();
  return approval;
}

/** A device that got the secret back by recovery enters itself in the list: approver and device are the same, and there is no box. */
export function approveOneself(account: AccountSecret, device: SigningKey, text: ApprovalText): Omit<Approval, 'box'> {
  const accountKey = account.deriveAccountKey(text.userId);
  if (accountKey.public !== text.account || device.public !== text.device || device.public !== text.approverDevice) {
    throw new RangeError('A device approves itself in its own name only.');
  }
  const a = writeApprovalText(text);
  const record = { text: a, accountSignature: accountKey.sign(a), deviceSignature: device.sign(a) };
  accountKey.wipe();
  return record;
}

/**
 * A record of the device list, signed by the account key and by the device that approved: the text, or null for one that the broker made up.
 * The account key is the one that this device derives; nothing else says whose it is.
 */
export function readDeviceRecord(record: Omit<Approval, 'box'>, userId: string, account: PublicKey): ApprovalText | null {
  const text = parseApprovalText(record.text);
  const good =
    text !== null &&
    text.userId === userId &&
    text.account === account &&
    verify(account, record.text, record.accountSignature) &&
    verify(text.approverDevice, record.text, record.deviceSignature);
  return good ? text : null;
}

/** What the new machine asked for, and the `sub` of the token that came with the answer. */
export interface ApprovalExpected {
  readonly userId: string;
  readonly userCode: string;
  readonly deviceName: string;
}

/**
 * All checks of the new machine: A names its own key, code, name and user; both signatures are good; the box opens with what only its
 * person passed on; the secret inside gives the account key of A. Null means: keep nothing.
 */
export function openApproval(
  device: SigningKey, pairing: PairingSecret, approval: Approval, expected: ApprovalExpected,
): { account: AccountSecret; text: ApprovalText } | null {
  const text = parseApprovalText(approval.text);
  if (
    text === null ||
    text.device !== device.public ||
    text.userId !== expected.userId ||
    text.userCode !== expected.userCode ||
    text.deviceName !== expected.deviceName ||
    approval.box.length !== boxSize ||
    !verify(text.account, approval.text, approval.accountSignature) ||
    !verify(text.approverDevice, approval.text, approval.deviceSignature)
  ) {
    return null;
  }

  const key = pairing.deriveApprovalKey(approval.text);
  const sealed = aead.openWithNonce(key.expose(), approval.box, approval.text);
  key.wipe();
  const secret = sealed === null ? null : boxes.open(device, sealed);
  if (secret === null) return null;

  const account = new AccountSecret(secret.expose());
  secret.wipe();
  if (account.publicKey(text.userId) === text.account) return { account, text };
  account.wipe();
  return null;
}
