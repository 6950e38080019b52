import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../../api/problem';
import { AccountSecret, PairingSecret, SigningKey, toBase64, tryPublicKey, verify } from '../../crypto';
import { approveRequest, findRequest, loopbackAddress, parseUserCode } from '../approving';
import { ask } from '../asking';
import { fromBase64 } from '../bytes';
import { enrol } from '../enrolment';
import { KeyStore } from '../keystore';
import { asKey, FakeBroker, MemoryRows, refusal } from './fake-broker';

const user = 'user1';
const code = 'BCDF-GHJK';

/** A broker with an account that one device has, and a new browser that asks it. */
async function asked() {
  const broker = new FakeBroker();
  const first = await enrol(broker.client(), new KeyStore(new MemoryRows()), user, 'laptop');
  assert.ok(first.is === 'ready');
  const store = new KeyStore(new MemoryRows());
  const second = await enrol(broker.client(), store, user, 'phone');
  assert.ok(second.is === 'new');
  broker.on('POST /oauth/device_authorization', () => ({
    status: 200,
    body: {
      device_code: 'device-code',
      user_code: code,
      verification_uri: 'http://localhost/device',
      verification_uri_complete: `http://localhost/device?code=${code}`,
      expires_in: 600,
      interval: 0,
    },
  }));
  const asking = await ask(broker.client(), store, second.keys, second.key, 'phone', null);
  broker.on(`GET /api/my/device-requests/${code}`, () => ({
    status: 200,
    body: { userCode: code, devicePub: second.keys.device.public, deviceName: 'phone', address: '192.0.2.1', sameComputer: false },
  }));
  return { broker, store, first: first.keys, second: second.keys, asking };
}

type Asked = Awaited<ReturnType<typeof asked>>;

/** The person opens the link on the device that is in; what it sends becomes the answer to the new browser. */
async function approve({ broker, first, asking }: Asked, over: Record<string, string> = {}, sub = user) {
  const brought = PairingSecret.tryFragment(new URL(asking.link).hash)!;
  let sent: Record<string, string> = {};
  broker.on(`POST /api/my/device-requests/${code}/approve`, (body) => {
    sent = body;
    return { status: 200, body: {} };
  });
  const request = await findRequest(broker.client(), code, brought.device);
  await approveRequest(broker.client(), first, request, brought.pairing, 'phone');
  const approval = { text: sent.text, box: sent.box, accountSig: sent.accountSig, deviceSig: sent.deviceSig, ...over };
  broker.on('POST /oauth/token', () => ({
    status: 200,
    body: { access_token: 'a', token_type: 'Bearer', expires_in: 600, refresh_token: 'cmr_1', scope: 'account', sub, approval },
  }));
  return sent;
}

test('A browser that another device lets in has the same secret, and says which device its session is', async () => {
  const all = await asked();
  const sent = await approve(all);
  assert.equal(sent.typedName, 'phone');

  const keys = await all.asking.wait(new AbortController().signal);
  assert.equal(keys.account?.pub, all.first.account.pub);
  const again = await enrol(all.broker.client(), all.store, user, 'phone');
  assert.ok(again.is === 'ready');
  assert.equal(again.keys.device.public, all.second.device.public);
  assert.equal(all.broker.bodies('POST /api/my/devices').length, 1);
  assert.deepEqual(
    all.broker.bodies('POST /oauth/revoke').map((body) => body.token),
    ['cmr_1'],
  );
});

test('What the link says after the # and the pairing secret are sent to nobody', async () => {
  const all = await asked();
  await approve(all);
  await all.asking.wait(new AbortController().signal);
  const sent = JSON.stringify(all.broker.asked);
  assert.ok(!sent.includes(new URL(all.asking.link).hash.slice(3, 20)));
  assert.ok(!sent.includes(all.asking.pairing));
});

test('Each question for the tokens is signed by the device key', async () => {
  const all = await asked();
  await approve(all);
  await all.asking.wait(new AbortController().signal);
  const [body] = all.broker.bodies('POST /oauth/token');
  const { deviceTokenText } = await import('../../crypto');
  assert.ok(verify(asKey(body!.device_pub), deviceTokenText('device-code', Number(body!.at)), fromBase64(body!.proof!)));
});

test('An approval that is not whole, or another account’s, leaves nothing in the browser', async () => {
  for (const spoil of [
    (all: Asked) => approve(all, { box: toBase64(new Uint8Array(120)) }),
    (all: Asked) => approve(all, { accountSig: toBase64(new Uint8Array(64)) }),
    (all: Asked) => approve(all, {}, 'user2'),
    async (all: Asked) => approve({ ...all, first: await planted() }),
  ]) {
    const all = await asked();
    await spoil(all);
    await assert.rejects(all.asking.wait(new AbortController().signal), (problem: Problem) => problem.code === 'not_approved');
    assert.equal((await all.store.find(user))!.account, null);
  }
});

/** A whole secret of its own, from somebody who saw the link. */
async function planted() {
  const secret = AccountSecret.generate();
  return { userId: user, device: SigningKey.generate(), account: { secret, pub: secret.publicKey(user), generation: 1, confirmed: true } };
}

test('A no, and ten minutes without an answer, are told as what they are; a broker that is away is asked again', async () => {
  for (const [error, told] of [
    ['access_denied', 'denied'],
    ['expired_token', 'expired'],
  ] as const) {
    const all = await asked();
    const answers = [
      { status: 503, body: { error: 'unavailable' } },
      { status: 400, body: { error: 'authorization_pending' } },
      { status: 400, body: { error } },
    ];
    all.broker.on('POST /oauth/token', () => answers.shift()!);
    await assert.rejects(all.asking.wait(new AbortController().signal), (problem: Problem) => problem.code === told);
    assert.equal((await all.store.find(user))!.account, null);
  }
});

test('Who leaves the page asks no more', async () => {
  const all = await asked();
  all.broker.on('POST /oauth/token', () => ({ status: 400, body: { error: 'authorization_pending' } }));
  const leaving = new AbortController();
  const waiting = all.asking.wait(leaving.signal);
  leaving.abort(new Error('left'));
  await assert.rejects(waiting, /left/);
  const before = all.broker.asked.length;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(all.broker.asked.length, before);
});

test('A link whose key is not the one that the broker shows is not approved', async () => {
  const all = await asked();
  await assert.rejects(findRequest(all.broker.client(), code, SigningKey.generate().public), (problem: Problem) => problem.code === 'other_device');
  assert.equal((await findRequest(all.broker.client(), code, null)).deviceName, 'phone');
});

test('A request that is over says why', async () => {
  const all = await asked();
  all.broker.on(`GET /api/my/device-requests/${code}`, () => refusal(410, 'device_request_expired'));
  await assert.rejects(findRequest(all.broker.client(), code, null), (problem: Problem) => problem.status === 410);
});

test('A code is read however it is typed', () => {
  for (const typed of ['BCDF-GHJK', 'bcdfghjk', ' bcdf ghjk ', 'BCDF-GHJK ']) assert.equal(parseUserCode(typed), code);
  for (const typed of ['', 'BCDF', 'BCDF-GHJKL', 'BCDF-GHJ!']) assert.equal(parseUserCode(typed), null);
});

test('The page goes to this computer and nowhere else', () => {
  assert.equal(loopbackAddress({ port: 4711, code: 'abc_-1' }), 'http://127.0.0.1:4711/claudemesh/login?code=abc_-1');
  for (const bad of [
    { port: 0, code: 'a' },
    { port: 70_000, code: 'a' },
    { port: 80.5, code: 'a' },
    { port: 80, code: '' },
    { port: 80, code: 'a&b' },
    { port: '80@evil.example' as unknown as number, code: 'a' },
  ]) {
    assert.throws(() => loopbackAddress(bad));
  }
  assert.equal(tryPublicKey('x'), null);
});
