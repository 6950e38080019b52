import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../bytes';
import { SigningKey } from '../ed25519';
import type { Digest, PublicKey } from '../ids';
import { InviteSecret, openPackage, parseInviteLink, sealPackage, writeInviteLink, writeInvitePackage } from '../invite';
import { writeBody } from '../log/body';
import { LogDraft } from '../log/draft';
import { HeldLog } from '../log/held';
import { RootHistory } from '../log/history';
import { checkInvite, draftInvite, draftJoin, type Invitation } from '../log/joining';
import { Membership } from '../log/membership';
import { type LogRecord, noHead, readKeptRecord, readRecord, signRecord } from '../log/record';
import { draftRotation, sealCopies, sealCopy } from '../log/rotation';
import { joinProofText } from '../invite';
import { MemberKey } from '../member';
import { RootKey } from '../root';
import * as vectors from './vectors';

const meshVectors = vectors.element<vectors.RecordVector[]>('log.mesh');
const topicVectors = vectors.element<vectors.RecordVector[]>('log.topic');
const meshStates = replay(meshVectors, Membership.empty(vectors.mesh, 'mesh'));
const end = meshStates.at(-1)!;

function replay(records: vectors.RecordVector[], from: Membership, mesh?: Membership): Membership[] {
  const states = [from];
  for (const vector of records) {
    const next = states.at(-1)!.apply(read(vector), mesh);
    assert.ok(next instanceof Membership, `${vector.type} ${next}`);
    states.push(next);
  }
  return states;
}

function read(vector: vectors.RecordVector): LogRecord {
  const record = readRecord(vectors.signed(vector));
  assert.ok(typeof record === 'object', `${record}`);
  return record;
}

test('every record of the vectors is read, and written again it is the same bytes', () => {
  for (const vector of [...meshVectors, ...topicVectors]) {
    const record = read(vector);
    const author = new MemberKey(vectors.signer(vector.author));
    assert.equal(record.body.type, vector.type);
    assert.equal(record.at, vector.at);
    assert.equal(record.hash, vector.hash);
    assert.equal(record.author, author.public);
    const head = { seq: record.seq - 1, hash: record.previous, at: 0 };
    assert.deepEqual(signRecord(author, record.meshId, record.scope, head, record.at, record.body), record);
    assert.deepEqual(readKeptRecord(record.signed), record);
  }
  assert.deepEqual([...new Set(meshVectors.map((vector) => vector.type))].sort(),
    ['admit', 'epoch', 'genesis', 'invite', 'join', 'key', 'policy', 'remove', 'role', 'uninvite']);
});

test('the genesis has the bytes of its vector, and its hash is the pin', () => {
  const body = { type: 'genesis', nonce: vectors.digest('genesis.nonce'), encryption: 'required', ownerMemberId: 'member1' } as const;
  assert.equal(toHex(writeBody(body)), vectors.text('genesis.body'));
  const record = signRecord(vectors.member(), vectors.mesh, 'mesh', noHead, vectors.at, body);
  assert.equal(toHex(record.signed.record), vectors.text('genesis.record'));
  assert.equal(toHex(record.signed.signature), vectors.text('genesis.signature'));
  assert.equal(record.hash, vectors.text('genesis.pin'));
});

test('the log of a workspace leads where the vectors say', () => {
  assert.equal(end.is.pin, vectors.text('genesis.pin'));
  assert.equal(end.epoch, 4);
  assert.equal(end.isRotationDue(), false);
  assert.ok(end.takesPlain('topic1') && !end.takesPlain('topic2'));
  assert.equal(end.is.members.get(vectors.key('keys.b_pub'))?.role, 'owner');
  assert.deepEqual(end.is.members.get(vectors.key('keys.member_pub')), { memberId: 'member1', role: 'admin', kind: 'person' });
  assert.deepEqual(end.is.members.get(vectors.key('legacy.a_pub')), { memberId: 'member3', role: 'admin', kind: 'bot' });
  assert.deepEqual(end.is.members.get(vectors.key('legacy.o_pub')), { memberId: 'member4', role: 'member', kind: 'legacy' });
  assert.equal(end.is.members.size, 4);
  assert.equal(end.findRoot(3)?.rootId, vectors.text('root.root_id_3'));
  assert.equal(end.follow(vectors.key('legacy.s_pub')), vectors.key('legacy.a_pub'));
});

test('the log of a topic is judged by that of its workspace', () => {
  const topic = replay(topicVectors, Membership.empty(vectors.mesh, 'topic/topic2'), end).at(-1)!;
  assert.equal(topic.is.members.get(vectors.key('keys.b_pub'))?.role, 'lead');
  assert.equal(topic.is.members.get(vectors.key('keys.member_pub'))?.role, 'observer');
  assert.equal(topic.isRotationDue(end), false);

  // Before he joined the workspace its author could not have begun the topic.
  const genesis = read(topicVectors[0]!);
  assert.equal(Membership.empty(vectors.mesh, 'topic/topic2').apply(genesis, meshStates[4]), 'NotInWorkspace');
  assert.throws(() => Membership.empty(vectors.mesh, 'topic/topic2').apply(genesis), RangeError);
});

for (const vector of vectors.element<vectors.RefusedVector[]>('log.refused')) {
  test(`refused for its reason: ${vector.why}`, () => {
    assert.equal(meshStates[vector.after]!.apply(read(vector)), vector.refusal);

    const held = new HeldLog(vectors.mesh, 'mesh', null);
    held.restore(meshVectors.slice(0, vector.after).map(vectors.signed));
    assert.equal(held.read([vectors.signed(vector)]), 'forked');
    assert.equal(held.fork?.refusal, vector.refusal);
    assert.equal(held.state.is.head.seq, vector.after);
    assert.equal(held.read(meshVectors.map(vectors.signed)), 'forked');
  });
}

test('no bit of a record or its signature may change', () => {
  for (const [i, vector] of [...meshVectors, ...topicVectors].entries()) {
    const good = vectors.signed(vector);
    // A sample of the bits of each record, another one for each: this side checks some hundreds of signatures a second.
    for (const [n, bad] of [...vectors.flippedSparsely(good.record)].entries()) {
      if (n % 8 === i % 8) assert.equal(typeof readRecord({ ...good, record: bad }), 'string');
    }
    for (const [n, bad] of [...vectors.flippedSparsely(good.signature)].entries()) {
      if (n % 8 === i % 8) assert.equal(readRecord({ ...good, signature: bad }), 'BadSignature');
    }
    assert.equal(readRecord({ ...good, record: Uint8Array.of(...good.record, 0) }), 'Malformed');
    assert.equal(readRecord({ ...good, record: good.record.slice(0, -1) }), 'Malformed');
    assert.equal(readRecord({ ...good, signature: new Uint8Array(0) }), 'BadSignature');
  }
});

test('a held log takes pages that overlap, notices gaps, and knows how another head stands to it', () => {
  const records = meshVectors.map(vectors.signed);
  const held = new HeldLog(vectors.mesh, 'mesh', vectors.digest('genesis.pin'));
  assert.equal(held.read(records.slice(3)), 'gap');
  assert.equal(held.read(records.slice(0, 5)), 'extended');
  assert.equal(held.read(records.slice(2, 5)), 'known');
  assert.equal(held.read(records.slice(4)), 'extended');
  assert.deepEqual(held.state.is, end.is);
  assert.deepEqual(held.after(15), records.slice(15));

  assert.equal(held.compare(end.is.head), 'same');
  assert.equal(held.compare({ seq: 18, hash: end.is.pin }), 'other-is-ahead');
  assert.equal(held.compare({ seq: 1, hash: end.is.pin }), 'other-is-behind');
  assert.equal(held.compare({ seq: 2, hash: end.is.pin }), 'differs');
  assert.equal(held.fork, null);

  const pinned = new HeldLog(vectors.mesh, 'mesh', '00'.repeat(32) as Digest);
  assert.equal(pinned.read(records), 'forked');
  assert.equal(pinned.fork?.refusal, 'WrongPin');
});

test('roots are copied to their recipients and linked to the past as the vectors say', () => {
  const key = (n: number) => new RootKey(vectors.bytes(n === 1 ? 'inputs.root_key' : `root.root_key_${n}`), vectors.mesh, 'mesh', n);
  const b = vectors.signer('b');
  for (const n of [2, 3]) {
    assert.equal(key(n).id, vectors.text(`root.root_id_${n}`));
    assert.equal(toHex(key(n).sealBack(key(n - 1), vectors.nonce())), vectors.text(`root.back_${n}`));
    assert.equal(RootKey.tryOpenCopy(b, vectors.bytes(`root.sealed_copy_${n}_for_b`), vectors.mesh, key(n).reference)?.id, key(n).id);
    for (const bad of vectors.flipped(vectors.bytes(`root.back_${n}`))) assert.equal(key(n).openBack(bad, key(n - 1).reference), null);
  }
  assert.equal(toHex(key(1).sealFor(b.public, vectors.ephemeral())!), vectors.text('root.sealed_copy_for_b'));
  assert.equal(RootKey.tryOpenCopy(b, vectors.bytes('root.sealed_copy_for_b'), vectors.mesh, key(2).reference), null, 'another root');
  for (const bad of vectors.flippedSparsely(vectors.bytes('root.sealed_copy_for_b'))) {
    assert.equal(RootKey.tryOpenCopy(b, bad, vectors.mesh, key(1).reference), null);
  }
});

test('one copy of the newest root opens the past, until an epoch that cut it off', () => {
  const owner = vectors.member();
  const first = RootKey.generate(vectors.mesh, 'mesh', 1);
  const draft = new LogDraft(vectors.startLog(owner, first), owner, vectors.at);
  const second = draftRotation(draft, first, 'test') as RootKey;
  const third = draftRotation(draft, second, 'test') as RootKey;
  const copy = sealCopies(draft.state, third, draft.at).find((each) => each.recipient === owner.public)!;
  const history = new RootHistory();
  assert.ok(!history.tryOpen(draft.state, 2, owner.key, copy.copy));
  assert.ok(history.tryOpen(draft.state, 3, owner.key, copy.copy));
  assert.equal(history.newest?.id, third.id);
  assert.equal(history.find(draft.state, 1)?.id, first.id);

  const fourth = draftRotation(draft, null, 'no history') as RootKey;
  const later = new RootHistory();
  assert.ok(later.tryAdd(draft.state, fourth));
  assert.equal(later.find(draft.state, 3), null);
  assert.ok(!later.tryAdd(draft.state, RootKey.generate(vectors.mesh, 'mesh', 2)), 'a root that the log does not have');
  assert.throws(() => draftRotation(draft, third, 'test'), RangeError);
});

test('the link and the package of the vectors are read and written', () => {
  const link = parseInviteLink(vectors.text('invite.link'))!;
  assert.equal(link.broker, 'https://host.example');
  assert.equal(link.secret!.deriveKey(link.inviteId).public, vectors.text('keys.invite_pub'));
  assert.equal(writeInviteLink(link), vectors.text('invite.link'));
  for (const bad of [
    '', 'inv1', 'ftp://host/i/inv1', 'https://host/j/inv1', 'https://host/i/', 'https://host/i/a/b', 'https://host/i/a%20b', 'https://host/i/inv1?x=1',
    'https://user@host/i/inv1', 'https://host/i/inv1#3.', 'https://host/i/inv1#3.IiIiIiIiIiIiIiIiIiIiI', 'https://host/i/inv1#2.IiIiIiIiIiIiIiIiIiIiIg',
    'https://host/i/inv1#3.IiIiIiIiIiIiIiIiIiIiIh', 'https://host/i/inv1#3.IiIiIiIiIiIiIiIiIiIi==', `https://host/i/${'a'.repeat(65)}`,
  ]) assert.equal(parseInviteLink(bad), null, bad);
  assert.equal(parseInviteLink(' https://Mesh.Example:8443/i/A-b_9# ')!.broker, 'https://mesh.example:8443');

  const secret = new InviteSecret(vectors.bytes('inputs.invite_secret'));
  const sealed = vectors.bytes('invite.package');
  const opened = openPackage(secret, 'inv1', sealed)!;
  assert.equal(toHex(writeInvitePackage(opened)), vectors.text('invite.package_text'));
  assert.deepEqual(sealPackage(secret, 'inv1', opened, vectors.nonce()), sealed);
  assert.equal(openPackage(secret, 'inv2', sealed), null);
  assert.equal(openPackage(InviteSecret.generate(), 'inv1', sealed), null);
  for (const bad of vectors.flipped(sealed)) assert.equal(openPackage(secret, 'inv1', bad), null);

  const proof = secret.deriveKey('inv1').sign(joinProofText(vectors.mesh, vectors.digest('genesis.pin'), 'inv1', vectors.key('keys.b_pub')));
  assert.equal(toHex(proof), vectors.text('invite.join_proof_for_b'));
});

test('who has the link joins and reads at once, and nobody is led elsewhere by the broker', () => {
  const owner = vectors.member();
  const root = RootKey.generate(vectors.mesh, 'mesh', 1);
  const secret = InviteSecret.generate();
  const draft = new LogDraft(vectors.startLog(owner, root), owner, vectors.at);
  const invitation = draftInvite(draft, secret, { inviteId: 'inv9', admits: 'member', usesMax: 1, expiresAt: vectors.at + 1000 }, root) as Invitation;
  const invited = openPackage(secret, 'inv9', invitation.package)!;

  const held = new HeldLog(vectors.mesh, 'mesh', invited.pin);
  // The log before the draft is read first, as the joiner has it from the broker.
  const all = [...records(owner, root), ...draft.records.map((record) => record.signed)];
  assert.equal(held.read(all), 'extended');
  assert.equal(checkInvite(held, invited, secret, 'inv9'), null);
  assert.equal(checkInvite(held, invited, InviteSecret.generate(), 'inv9'), 'OtherInvite');
  assert.equal(checkInvite(held, { ...invited, hash: invited.pin }, secret, 'inv9'), 'OtherLog');
  assert.equal(checkInvite(held, { ...invited, seq: 9 }, secret, 'inv9'), 'OtherLog');
  assert.equal(checkInvite(held, { ...invited, meshId: 'mesh2' }, secret, 'inv9'), 'OtherWorkspace');
  const elsewhere = new HeldLog(vectors.mesh, 'mesh', '11'.repeat(32) as Digest);
  elsewhere.read(all);
  assert.equal(checkInvite(elsewhere, invited, secret, 'inv9'), 'OtherWorkspace');

  const joiner = new MemberKey(SigningKey.generate());
  const join = new LogDraft(held.state, joiner, vectors.at + 10);
  assert.equal(draftJoin(join, secret, 'inv9', 'member2'), null);
  assert.equal(held.read(join.records.map((record) => record.signed)), 'extended');
  const history = new RootHistory();
  assert.ok(history.tryOpen(held.state, 1, secret.deriveKey('inv9'), invitation.root!.copy));
  const own = sealCopy(history.newest!, joiner.public);
  assert.equal(RootKey.tryOpenCopy(joiner.key, own.copy, vectors.mesh, root.reference)?.id, root.id);

  // The invite had one use, and a late joiner is told so by his own draft.
  assert.equal(draftJoin(new LogDraft(held.state, new MemberKey(SigningKey.generate()), vectors.at + 20), secret, 'inv9', 'member3'), 'InviteClosed');
  assert.throws(() => draftInvite(new LogDraft(held.state, owner, vectors.at), secret, { inviteId: 'x', admits: 'member', usesMax: 1, expiresAt: 0 }, null), RangeError);
});

test('a key that moves takes its member along, and one given up makes a rotation due', () => {
  const owner = vectors.member();
  const next = new MemberKey(SigningKey.generate());
  const draft = new LogDraft(vectors.startLog(owner, vectors.root()), owner, vectors.at);
  assert.equal(draft.addKeyChange(next, 'compromise'), null);
  assert.equal(draft.state.is.members.get(next.public)?.memberId, 'member1');
  assert.equal(draft.state.follow(owner.public), next.public);
  assert.ok(draft.state.isRotationDue() && draft.state.isLost(owner.public));
  assert.equal(draft.add({ type: 'remove', key: next.public, reason: '' }), 'NotMember');
});

test('a key change is taken back by its own member alone, and not after a compromise', () => {
  const [owner, second, third] = [0, 1, 2].map(() => new MemberKey(SigningKey.generate())) as [MemberKey, MemberKey, MemberKey];
  const draft = new LogDraft(Membership.empty(vectors.mesh, 'mesh'), owner, vectors.at);
  assert.equal(draft.add({ type: 'genesis', nonce: '44'.repeat(32) as Digest, encryption: 'required', ownerMemberId: 'member1' }), null);
  assert.equal(draft.addKeyChange(second, 'migrate'), null);
  const moved = new LogDraft(draft.state, second, vectors.at);
  assert.equal(moved.addKeyChange(owner, 'migrate'), null);
  assert.equal(moved.state.follow(second.public), owner.public);
  assert.equal(moved.state.follow(owner.public), owner.public);
  assert.equal(moved.state.is.members.get(owner.public)?.memberId, 'member1');

  const on = new LogDraft(moved.state, owner, vectors.at);
  assert.equal(on.addKeyChange(third, 'compromise'), null);
  assert.ok(on.state.hasBecome(second.public, third.public) && !on.state.hasBecome(third.public, owner.public));
  assert.equal(new LogDraft(on.state, third, vectors.at).addKeyChange(owner, 'migrate'), 'BadKey');
  assert.equal(new LogDraft(on.state, third, vectors.at).addKeyChange(second, 'migrate'), null);
});

function records(owner: MemberKey, root: RootKey) {
  const draft = new LogDraft(Membership.empty(vectors.mesh, 'mesh'), owner, vectors.at);
  assert.equal(draft.add({ type: 'genesis', nonce: '44'.repeat(32) as Digest, encryption: 'required', ownerMemberId: 'member1' }), null);
  const recipients = Membership.hashOf([owner.public as PublicKey]);
  assert.equal(draft.add({ type: 'epoch', number: 1, rootId: root.id, back: new Uint8Array(0), recipients, reason: 'start' }), null);
  return draft.records.map((record) => record.signed);
}
