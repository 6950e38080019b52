import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountSecret, announceFirstSecret } from '../account';
import { approve, approveOneself, openApproval, parseApprovalText, readDeviceRecord, writeApprovalText } from '../approval';
import type { Approval, ApprovalText } from '../approval';
import { toHex } from '../bytes';
import { SigningKey, verify } from '../ed25519';
import type { PublicKey } from '../ids';
import { PairingSecret } from '../pairing';
import * as recovery from '../recovery';
import { openRenewal, parseRenewalText, renew, writeRenewalText } from '../renewal';
import { Secret } from '../secret';
import { openVault, sealVault } from '../vault';
import * as vectors from './vectors';

const device = vectors.signer('o');
const approver = vectors.signer('s');
const pairing = new PairingSecret(vectors.bytes('inputs.pairing_secret'));
const expected = { userId: vectors.user, userCode: 'ABCD-EFGH', deviceName: 'laptop' };
const text: ApprovalText = {
  ...expected,
  device: device.public,
  account: vectors.key('keys.account_pub'),
  generation: 1,
  approverDevice: approver.public,
  at: vectors.at,
};
const vector: Approval = {
  text: vectors.bytes('approval.text'),
  box: vectors.bytes('approval.box'),
  accountSignature: vectors.bytes('approval.account_signature'),
  deviceSignature: vectors.bytes('approval.approver_signature'),
};
const of = { userId: vectors.user, generation: 1, account: vectors.key('keys.account_pub') };

test('an approval is written as the vectors say and opens on the new machine', () => {
  assert.deepEqual(approve(vectors.account(), approver, pairing, text, vectors.nonce(), vectors.ephemeral()), vector);
  assert.deepEqual(parseApprovalText(vector.text), text);
  const opened = openApproval(device, pairing, vector, expected)!;
  assert.deepEqual(opened.account.expose(), vectors.account().expose());
  assert.deepEqual(opened.text, text);
});

test('an approval opens on no other machine, with no other pairing secret and for no other request', () => {
  const approval = approve(vectors.account(), approver, pairing, text)!;
  assert.ok(openApproval(device, pairing, approval, expected));
  assert.equal(openApproval(approver, pairing, approval, expected), null);
  assert.equal(openApproval(device, PairingSecret.generate(), approval, expected), null);
  for (const other of [{ userId: 'user2' }, { userCode: 'ABCD-EFGX' }, { deviceName: 'other' }]) {
    assert.equal(openApproval(device, pairing, approval, { ...expected, ...other }), null);
    // A text that was changed, and re-encoded well, is not what was signed.
    assert.equal(openApproval(device, pairing, { ...approval, text: writeApprovalText({ ...text, ...other }) }, { ...expected, ...other }), null);
  }
});

test('no bit of an approval may change', () => {
  for (const bad of vectors.flippedSparsely(vector.text)) assert.equal(openApproval(device, pairing, { ...vector, text: bad }, expected), null);
  for (const bad of vectors.flippedSparsely(vector.box)) assert.equal(openApproval(device, pairing, { ...vector, box: bad }, expected), null);
  for (const bad of vectors.flippedSparsely(vector.accountSignature)) {
    assert.equal(openApproval(device, pairing, { ...vector, accountSignature: bad }, expected), null);
  }
  for (const bad of vectors.flippedSparsely(vector.deviceSignature)) {
    assert.equal(openApproval(device, pairing, { ...vector, deviceSignature: bad }, expected), null);
  }
  assert.equal(openApproval(device, pairing, { ...vector, box: new Uint8Array(0) }, expected), null);
});

test('a broker without the pairing secret cannot plant a secret of its own', () => {
  const planted = AccountSecret.generate();
  const key = planted.deriveAccountKey(vectors.user);
  const guess = PairingSecret.generate();
  assert.throws(() => approve(planted, approver, guess, text), RangeError);
  const forged = approve(planted, approver, guess, { ...text, account: key.public })!;
  assert.equal(openApproval(device, pairing, forged, expected), null);
  // Nor put its own box beside good signatures.
  assert.equal(openApproval(device, pairing, { ...vector, box: forged.box }, expected), null);
});

test('a record of the device list is believed only when account and approver signed it', () => {
  const account = vectors.key('keys.account_pub');
  assert.deepEqual(readDeviceRecord(vector, vectors.user, account), text);
  assert.equal(readDeviceRecord(vector, 'user2', account), null);
  assert.equal(readDeviceRecord(vector, vectors.user, device.public), null);
  assert.equal(readDeviceRecord({ ...vector, deviceSignature: vector.accountSignature }, vectors.user, account), null);

  const own: ApprovalText = { ...text, approverDevice: device.public };
  const record = approveOneself(vectors.account(), device, own);
  assert.deepEqual(readDeviceRecord(record, vectors.user, account), own);
  assert.throws(() => approveOneself(vectors.account(), device, text), RangeError);
});

test('a pairing secret survives its link and being typed', () => {
  assert.equal(pairing.toFragment(device.public), vectors.text('approval.fragment'));
  assert.equal(pairing.toTypedText(), vectors.text('approval.typed_secret'));
  const read = PairingSecret.tryFragment(`#${vectors.text('approval.fragment')}`)!;
  assert.equal(read.device, device.public);
  assert.equal(read.pairing.toTypedText(), pairing.toTypedText());
  assert.equal(PairingSecret.tryTyped('6csk-6csk-6csk 6csk-6csk-6csk-6c')!.toTypedText(), pairing.toTypedText());
  for (const typed of ['', '6CSK6CSK6CSK6CSK6CSK6CSK6', '6CSK6CSK6CSK6CSK6CSK6CSK6D', '6CSK6CSK6CSK6CSK6CSK6CSK6C0', '6CSK6CSK6CSK6CSK6CSK6CSK6U']) {
    assert.equal(PairingSecret.tryTyped(typed), null, typed);
  }
  // Letters of other scripts that the language itself would raise to ours.
  assert.equal(PairingSecret.tryTyped('6CſK6CSK6CSK6CSK6CSK6CSK6C'), null);
  for (const fragment of ['', '1.', `2.${vectors.text('approval.fragment').slice(2)}`, vectors.text('approval.fragment').replace('M', '+')]) {
    assert.equal(PairingSecret.tryFragment(fragment), null, fragment);
  }
});

test('the recovery key of the vectors prints, reads and opens', () => {
  const key = new recovery.RecoveryKey(vectors.bytes('recovery.key'));
  const blob = vectors.bytes('recovery.blob');
  assert.equal(key.toPrintedText(), vectors.text('recovery.printed'));
  assert.equal(toHex(recovery.sealWithKey(key, vectors.account(), vectors.user, 1, vectors.nonce())), vectors.text('recovery.blob'));
  const read = recovery.RecoveryKey.tryParse('oooG 4oR4-oM3o-E2o9-i85G-r38e-lw8L-24gkwyqb')!;
  assert.deepEqual(recovery.openWithKey(read, blob, of)!.expose(), vectors.account().expose());

  for (const bad of vectors.flipped(blob)) assert.equal(recovery.openWithKey(key, bad, of), null);
  for (const other of [{ generation: 2 }, { userId: 'user2' }, { account: device.public }]) {
    assert.equal(recovery.openWithKey(key, blob, { ...of, ...other }), null);
  }
});

test('a typing error in a recovery key is noticed', () => {
  const printed = vectors.text('recovery.printed');
  for (let i = 0; i < printed.length; i++) {
    if (printed[i] === '-') continue;
    const wrong = printed[i] === '7' ? '8' : '7';
    assert.equal(recovery.RecoveryKey.tryParse(printed.slice(0, i) + wrong + printed.slice(i + 1)), null);
  }
});

test('a passkey opens its own blob only', () => {
  const prf = new Secret(vectors.bytes('recovery.prf'));
  const credential = vectors.bytes('recovery.credential_id');
  const blob = vectors.bytes('recovery.prf_blob');
  assert.deepEqual(recovery.sealWithPrf(prf, credential, vectors.account(), vectors.user, 1, vectors.nonce()), blob);
  assert.deepEqual(recovery.openWithPrf(prf, credential, blob, of)!.expose(), vectors.account().expose());
  assert.equal(recovery.openWithPrf(prf, new Uint8Array(16), blob, of), null);
  assert.equal(recovery.openWithPrf(Secret.random(32), credential, blob, of), null);
  assert.equal(recovery.openWithKey(recovery.RecoveryKey.generate(), blob, of), null);
  for (const bad of vectors.flipped(blob)) assert.equal(recovery.openWithPrf(prf, credential, bad, of), null);
});

test('a renewal is signed by the old key, the new key and a device that stays', () => {
  const next = new AccountSecret(vectors.bytes('renewal.new_account_secret'));
  const removed = vectors.element<PublicKey[]>('renewal.removed_devices');
  const renewal = renew(vectors.account(), next, approver, vectors.user, 2, removed, [approver.public], vectors.at);
  assert.equal(toHex(renewal.text), vectors.text('renewal.bytes'));
  assert.equal(toHex(renewal.oldSignature), vectors.text('renewal.old_account_signature'));
  assert.equal(toHex(renewal.newSignature), vectors.text('renewal.new_account_signature'));
  assert.equal(toHex(renewal.deviceSignature), vectors.text('renewal.device_signature'));

  const parsed = parseRenewalText(renewal.text)!;
  assert.deepEqual(writeRenewalText({ ...parsed, removedDevices: [...parsed.removedDevices].reverse() }), renewal.text);
  for (const name of ['old_account', 'new_account', 'device']) {
    const key = name === 'old_account' ? parsed.oldAccount : name === 'new_account' ? parsed.newAccount : approver.public;
    for (const bad of vectors.flippedSparsely(vectors.bytes(`renewal.${name}_signature`))) assert.equal(verify(key, renewal.text, bad), false);
  }
});

test('a device takes a renewal that follows what it holds, from a device that stays, and no other', () => {
  const other = SigningKey.generate();
  const next = AccountSecret.generate();
  const held = { userId: vectors.user, generation: 1, account: vectors.key('keys.account_pub'), devices: [approver.public, device.public, other.public] };
  const renewal = renew(vectors.account(), next, approver, vectors.user, 2, [other.public], [approver.public, device.public], vectors.at);
  const copy = renewal.copies.find((each) => each.device === device.public)!.sealed;
  assert.deepEqual(openRenewal(renewal, copy, device, held)!.account.expose(), next.expose());

  assert.equal(openRenewal(renewal, copy, approver, held), null, 'a copy for somebody else');
  assert.equal(openRenewal(renewal, copy, device, { ...held, generation: 2 }), null, 'not the next generation');
  assert.equal(openRenewal(renewal, copy, device, { ...held, account: other.public }), null, 'another account');
  assert.equal(openRenewal(renewal, copy, device, { ...held, devices: [device.public, other.public] }), null, 'signed by no device of the list');
  for (const bad of vectors.flippedSparsely(renewal.text)) assert.equal(openRenewal({ ...renewal, text: bad }, copy, device, held), null);

  // The device that is removed cannot renew against the others.
  const byRemoved = renew(vectors.account(), next, other, vectors.user, 2, [other.public], [device.public], vectors.at);
  assert.equal(openRenewal(byRemoved, byRemoved.copies[0]!.sealed, device, held), null);
  const planted = renew(vectors.account(), AccountSecret.generate(), approver, vectors.user, 2, [], [device.public], vectors.at);
  assert.equal(openRenewal(renewal, planted.copies[0]!.sealed, device, held), null, 'a copy of another secret');
});

test('the first secret is announced by its account and its device', () => {
  const first = announceFirstSecret(vectors.account(), device, vectors.user, vectors.at);
  assert.ok(verify(vectors.key('keys.account_pub'), first.text, first.accountSignature));
  assert.ok(verify(device.public, first.text, first.deviceSignature));
});

test('the vault opens for its account and under its own version only', () => {
  const content = new TextEncoder().encode('{"pins":[]}');
  const blob = sealVault(vectors.account(), vectors.user, 3, content);
  assert.deepEqual(openVault(vectors.account(), vectors.user, 3, blob), content);
  assert.equal(openVault(vectors.account(), vectors.user, 4, blob), null);
  assert.equal(openVault(AccountSecret.generate(), vectors.user, 3, blob), null);
  for (const bad of vectors.flipped(blob)) assert.equal(openVault(vectors.account(), vectors.user, 3, bad), null);
});
