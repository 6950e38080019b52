import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../../api/problem';
import {
  digestOf,
  draftInvite,
  draftRotation,
  HeldLog,
  InviteSecret,
  LogDraft,
  MemberKey,
  memberClaimText,
  meshScope,
  RootKey,
  random,
  type SignedRecord,
  SigningKey,
  sha256,
  toBase64,
  verify,
} from '../../crypto';
import { fromBase64 } from '../bytes';
import { claimAdmitted, noteWaiting } from '../claiming';
import { enrol } from '../enrolment';
import { join, lookAt } from '../joining';
import { KeyStore } from '../keystore';
import { asKey, FakeBroker, MemoryRows, refusal } from './fake-broker';

const [user, meshId, inviteId] = ['user1', 'mesh1', 'inv1'];
const wire = (signed: SignedRecord) => ({ record: toBase64(signed.record), signature: toBase64(signed.signature) });

/** A workspace with an owner, a root and an open invite, at a broker that serves it and takes joins. */
async function workspace() {
  const owner = new MemberKey(SigningKey.generate());
  const log = new HeldLog(meshId, meshScope, null);
  const draft = new LogDraft(log.state, owner, Date.now());
  assert.equal(draft.add({ type: 'genesis', nonce: digestOf(sha256(random(8))), encryption: 'required', ownerMemberId: 'member1' }), null);
  const root = draftRotation(draft, null, 'first');
  assert.ok(root instanceof RootKey);
  const secret = InviteSecret.generate();
  const invitation = draftInvite(draft, secret, { inviteId, admits: 'member', usesMax: 1, expiresAt: Date.now() + 86_400_000 }, root);
  assert.ok(typeof invitation === 'object');
  log.read(draft.records.map((record) => record.signed));

  const broker = new FakeBroker();
  const info = {
    inviteId,
    meshId,
    slug: 'acme',
    name: 'Acme',
    role: 'member',
    expiresAt: Date.now() + 86_400_000,
    package: toBase64(invitation.package),
    copy: { epoch: 1, recipient: invitation.root!.recipient, copy: toBase64(invitation.root!.copy) },
  };
  const joined: Record<string, never>[] = [];
  broker
    .on(`GET /api/v1/invites/${inviteId}`, () => ({ status: 200, body: info }))
    .on(`GET /api/v1/invites/${inviteId}/log`, () => {
      const { seq, hash } = log.state.is.head;
      return { status: 200, body: { scope: meshScope, records: log.records.map((record) => wire(record.signed)), seq, hash } };
    })
    .on('POST /api/v1/join', (body) => {
      joined.push(body as never);
      return { status: 200, body: { memberId: 'm2', meshId, slug: 'acme', name: 'Acme', role: 'member', waiting: !('records' in body) } };
    })
    .on('GET /api/my/meshes', () => ({ status: 200, body: { meshes: [] } }))
    .on(`PUT /api/my/meshes/${meshId}`, () => ({ status: 200, body: {} }));
  const found = await enrol(broker.client(), new KeyStore(new MemoryRows()), user, 'browser');
  assert.ok(found.is === 'ready');
  return { broker, log, owner, root, secret, info, joined, keys: found.keys };
}

test('Who has the link joins as the member of his account, takes the root along, and says that the member is his', async () => {
  const { broker, log, root, secret, joined, keys } = await workspace();
  const invited = await lookAt(broker.client(), inviteId, secret);
  assert.deepEqual(await join(broker.client(), keys, invited, 'Ann'), { memberId: 'm2', meshId, slug: 'acme', name: 'Acme', role: 'member', waiting: false });

  const own = keys.account.secret.deriveMember(user, meshId);
  const [body] = joined as unknown as { pubkey: string; records: { record: string; signature: string }[]; copies: { recipient: string; copy: string }[] }[];
  const record = { record: fromBase64(body!.records[0]!.record), signature: fromBase64(body!.records[0]!.signature) };
  assert.equal(log.read([record]), 'extended');
  assert.equal(log.state.is.members.get(own.public)?.role, 'member');
  assert.equal(body!.copies[0]!.recipient, own.public);
  assert.equal(RootKey.tryOpenCopy(own.key, fromBase64(body!.copies[0]!.copy), meshId, root.reference)?.id, root.id);

  const [claim] = broker.bodies(`PUT /api/my/meshes/${meshId}`);
  assert.ok(verify(asKey(claim!.memberPub), memberClaimText(meshId, user, own.public, Number(claim!.at)), fromBase64(claim!.proof!)));
  assert.ok(!JSON.stringify(broker.asked).includes(secret.toFragment().slice(2)));
});

test('A log that moved is read on, and the record signed anew', async () => {
  const { broker, joined, secret, keys, log, owner } = await workspace();
  let first = true;
  broker.on('POST /api/v1/join', (body) => {
    if (first) {
      first = false;
      const draft = new LogDraft(log.state, owner, Date.now());
      assert.equal(draft.add({ type: 'admit', memberId: 'm9', key: SigningKey.generate().public, as: 'member', kind: 'person' }), null);
      log.read(draft.records.map((record) => record.signed));
      return refusal(409, 'log_moved');
    }
    joined.push(body as never);
    return { status: 200, body: { memberId: 'm2', meshId, slug: 'acme', name: 'Acme', role: 'member', waiting: false } };
  });
  await join(broker.client(), keys, await lookAt(broker.client(), inviteId, secret), 'Ann');
  const [body] = joined as unknown as { records: { record: string; signature: string }[] }[];
  assert.equal(log.read(body!.records.map((one) => ({ record: fromBase64(one.record), signature: fromBase64(one.signature) }))), 'extended');
});

test('A broker that shows another workspace, another log or another package is not joined', async () => {
  for (const spoil of [
    (all: Awaited<ReturnType<typeof workspace>>) => Object.assign(all.info, { meshId: 'mesh2' }),
    (all: Awaited<ReturnType<typeof workspace>>) => Object.assign(all.info, { package: toBase64(random(190)) }),
    async (all: Awaited<ReturnType<typeof workspace>>) => {
      const other = await workspace();
      all.broker.on(`GET /api/v1/invites/${inviteId}/log`, () => {
        const { seq, hash } = other.log.state.is.head;
        return { status: 200, body: { scope: meshScope, records: other.log.records.map((record) => wire(record.signed)), seq, hash } };
      });
    },
  ]) {
    const all = await workspace();
    await spoil(all);
    const outcome = lookAt(all.broker.client(), inviteId, all.secret).then((invited) => join(all.broker.client(), all.keys, invited, 'Ann'));
    await assert.rejects(outcome, (problem: Problem) => problem.code === 'invite_altered');
    assert.equal(all.joined.length, 0);
  }
});

test('Without the secret one asks, and signs nothing', async () => {
  const { broker, joined, keys } = await workspace();
  const invited = await lookAt(broker.client(), inviteId, null);
  assert.equal((await join(broker.client(), keys, invited, 'Ann')).waiting, true);
  assert.ok(!('records' in joined[0]!));
  assert.equal(broker.bodies(`PUT /api/my/meshes/${meshId}`).length, 0);
});

test('Who is in the workspace under another key is told so, and does not join a second time', async () => {
  const { broker, joined, secret, keys } = await workspace();
  broker.on('GET /api/my/meshes', () => ({ status: 200, body: { meshes: [{ id: meshId, name: 'Acme', memberPub: '00'.repeat(32) }] } }));
  const invited = await lookAt(broker.client(), inviteId, secret);
  await assert.rejects(
    join(broker.client(), keys, invited, 'Ann'),
    (problem: Problem) => problem.code === 'already_member' && problem.message.includes('migrate-identity'),
  );
  assert.equal(joined.length, 0);
});

test('Who was let in later says that the member is his, once, and asks no more after a final no', async () => {
  const stored = new Map<string, string>();
  Object.assign(globalThis, {
    localStorage: {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => stored.set(key, value),
      removeItem: (key: string) => stored.delete(key),
    },
  });
  const { broker, keys } = await workspace();
  await join(broker.client(), keys, await lookAt(broker.client(), inviteId, null), 'Ann');
  const claims = () => broker.bodies(`PUT /api/my/meshes/${meshId}`).length;

  broker.on(`PUT /api/my/meshes/${meshId}`, () => refusal(404, 'member_not_found'));
  assert.equal(await claimAdmitted(broker.client(), keys), false);
  broker.on(`PUT /api/my/meshes/${meshId}`, () => ({ status: 200, body: {} }));
  assert.equal(await claimAdmitted(broker.client(), keys), true);
  assert.equal(await claimAdmitted(broker.client(), keys), false);
  assert.equal(claims(), 2);

  noteWaiting(user, meshId);
  broker.on(`PUT /api/my/meshes/${meshId}`, () => refusal(403, 'member_removed'));
  await claimAdmitted(broker.client(), keys);
  await claimAdmitted(broker.client(), keys);
  assert.equal(claims(), 3);
  assert.equal(stored.size, 0);
});
