import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ed25519 } from '@noble/curves/ed25519.js';
import * as boxes from '../boxes';
import { toHex, tryBase64, utf8 } from '../bytes';
import { isAcceptable, SigningKey, verify } from '../ed25519';
import { sha256 } from '../hashing';
import { bytesOf, type PublicKey } from '../ids';
import { InviteSecret } from '../invite';
import { labels } from '../labels';
import { PairKeys } from '../messages/pairs';
import { bareFingerprint, fingerprint } from '../messages/fingerprint';
import { labelOf, parseTarget } from '../messages/target';
import { safetyNumber } from '../safety';
import * as vectors from './vectors';

test('every key of the vectors is derived to the byte', () => {
  const account = vectors.account();
  const member = vectors.member();
  const root = vectors.root();
  const session = member.deriveSession(vectors.mesh, vectors.text('inputs.session_id'));
  const invite = new InviteSecret(vectors.bytes('inputs.invite_secret'));
  const derived = {
    account_pub: account.publicKey(vectors.user),
    vault_key: toHex(account.deriveVaultKey(vectors.user).expose()),
    member_seed: toHex(member.key.exposeSeed()),
    member_pub: member.public,
    session_seed: toHex(session.exposeSeed()),
    session_pub: session.public,
    b_pub: vectors.signer('b').public,
    root_id: root.id,
    topic_key: toHex(root.derive(labelOf(parseTarget('#topic1')!)).expose()),
    topic_v2_key: toHex(root.derive(labels.topicV2('topic1')).expose()),
    group_backend_key: toHex(root.derive(labelOf(parseTarget('@backend')!)).expose()),
    tag_repo_billing_key: toHex(root.derive(labelOf(parseTarget('tag:repo:billing')!)).expose()),
    broadcast_key: toHex(root.derive(labelOf(parseTarget('*')!)).expose()),
    object_state_key: toHex(root.derive(labels.object('state')).expose()),
    object_memory_key: toHex(root.derive(labels.object('memory')).expose()),
    object_summary_key: toHex(root.derive(labels.object('summary')).expose()),
    object_schedule_key: toHex(root.derive(labels.object('schedule')).expose()),
    box_key_member_b: toHex(boxes.boxKey(member.key, vectors.key('keys.b_pub'))!.expose()),
    direct_key_member_b: toHex(new PairKeys(member, vectors.mesh).directKey(vectors.key('keys.b_pub'))!.expose()),
    fingerprint_key: toHex(member.deriveFingerprintKey(vectors.mesh).expose()),
    invite_pub: invite.deriveKey('inv1').public,
    invite_wrap_key: toHex(invite.deriveWrapKey('inv1').expose()),
  };
  assert.deepEqual(derived, vectors.element('keys'));
});

test('another id, user, workspace or epoch gives another key, and an id of another form none', () => {
  const account = vectors.account();
  assert.notEqual(account.publicKey('user2'), account.publicKey('user1'));
  assert.notEqual(account.deriveMember('user1', 'mesh2').public, vectors.member().public);
  for (const bad of vectors.flippedSparsely(vectors.bytes('inputs.account_secret'))) {
    assert.notEqual(new (Object.getPrototypeOf(account).constructor)(bad).publicKey('user1'), vectors.text('keys.account_pub'));
  }
  assert.throws(() => account.publicKey('user 1'), RangeError);
  assert.throws(() => account.deriveMember('user1', 'mesh/1'), RangeError);
  assert.throws(() => labels.rootId('elsewhere', 1), RangeError);
  assert.throws(() => labels.back('mesh', -1), RangeError);
});

test('the box key is the same from both sides, and conversions are those of libsodium', () => {
  assert.equal(toHex(boxes.boxKey(vectors.signer('b'), vectors.member().public)!.expose()), vectors.text('keys.box_key_member_b'));
  for (const letter of ['a', 'b']) {
    const key = vectors.signer(letter);
    assert.equal(key.public, vectors.text(`legacy.${letter}_pub`));
    assert.equal(toHex(boxes.toX25519(key.public)!), vectors.text(`legacy.${letter}_x25519_pub`));
    assert.equal(toHex(key.exposeX25519().expose()), vectors.text(`legacy.${letter}_x25519_secret`));
  }
});

test('a sealed box of the other side opens, for its recipient only and unchanged only', () => {
  const box = tryBase64(vectors.text('legacy.sealed_box_to_a.box'))!;
  assert.equal(toHex(boxes.open(vectors.signer('a'), box)!.expose()), vectors.text('legacy.sealed_box_to_a.text'));
  assert.equal(boxes.open(vectors.signer('b'), box), null);
  assert.equal(boxes.open(vectors.signer('a'), box.slice(0, 47)), null);
  // The top bit of an X25519 key does not count; it changes the nonce all the same.
  for (const bad of vectors.flippedSparsely(box)) assert.equal(boxes.open(vectors.signer('a'), bad), null);
});

test('both sides refuse the same signatures', () => {
  const b = vectors.signer('b');
  for (const name of ['split_signature', 'noncanonical_s', 'neutral_r']) {
    assert.equal(verify(b.public, vectors.bytes(`refused.${name}.message`), vectors.bytes(`refused.${name}.signature`)), false, name);
  }
  // noble alone takes two of them: this is what the check of R is for.
  for (const name of ['split_signature', 'neutral_r']) {
    assert.ok(ed25519.verify(vectors.bytes(`refused.${name}.signature`), utf8('split'), bytesOf(b.public), { zip215: false }), name);
  }

  const good = b.sign(utf8('split'));
  assert.ok(verify(b.public, utf8('split'), good));
  for (const bad of vectors.flippedSparsely(good)) assert.equal(verify(b.public, utf8('split'), bad), false);
  assert.equal(verify(b.public, utf8('split'), good.slice(0, 63)), false);
  assert.equal(verify(vectors.signer('a').public, utf8('split'), good), false);
});

test('keys outside the main subgroup, of small order or of another form are no keys', () => {
  for (const list of ['small_order_keys', 'noncanonical_keys', 'mixed_order_keys']) {
    for (const key of vectors.element<PublicKey[]>(`refused.${list}`)) {
      assert.equal(isAcceptable(key), false, key);
      assert.equal(boxes.toX25519(key), null);
      assert.equal(boxes.seal(key, utf8('x')), null);
      assert.equal(boxes.boxKey(vectors.signer('a'), key), null);
      assert.equal(verify(key, utf8('x'), new Uint8Array(64)), false);
    }
  }
  assert.ok(isAcceptable(SigningKey.generate().public));
});

test('the fingerprint of a request tells the broker nothing of its text', () => {
  const request = { to: vectors.text('legacy.b_pub'), replyTo: null, priority: 'next', canonicalMeta: null, body: 'hello mesh' };
  assert.equal(toHex(bareFingerprint(request)), vectors.text('fingerprint.bare'));
  const key = vectors.member().deriveFingerprintKey(vectors.mesh);
  assert.equal(fingerprint(key, request), vectors.text('fingerprint.keyed'));
  for (const changed of [{ body: 'hello mesh ' }, { priority: 'now' }, { replyTo: 'x' }, { canonicalMeta: '{}' }, { to: '*' }]) {
    assert.notEqual(fingerprint(key, { ...request, ...changed }), vectors.text('fingerprint.keyed'));
  }
  interface Sample { to: string; priority: string; meta: string | null; body: string; fingerprint: string }
  for (const each of vectors.element<Sample[]>('legacy.fingerprints')) {
    assert.equal(toHex(bareFingerprint({ ...each, replyTo: null, canonicalMeta: each.meta })), each.fingerprint);
  }
});

test('a safety number is the same from both sides and another for every pair', () => {
  const [member, b] = [vectors.key('keys.member_pub'), vectors.key('keys.b_pub')];
  assert.equal(safetyNumber(vectors.mesh, member, b), vectors.text('safety_number_member_b'));
  assert.equal(safetyNumber(vectors.mesh, b, member), vectors.text('safety_number_member_b'));
  assert.notEqual(safetyNumber('mesh2', member, b), vectors.text('safety_number_member_b'));
});

test('hashes of the vectors', () => {
  assert.equal(toHex(sha256(vectors.bytes('approval.box'))), vectors.text('approval.box_sha256'));
});
