import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountSecret, announceFirstSecret, renew, SigningKey, toBase64 } from '../../crypto';
import { accountKeys, isProven } from '../devices';
import { acceptRenewal, type Enrolment, enrol } from '../enrolment';
import { KeyStore } from '../keystore';
import { asKey, FakeBroker, MemoryRows } from './fake-broker';

const user = 'user1';

test('The first browser of an account makes its secret, and finds it again', async () => {
  const [broker, store] = [new FakeBroker(), new KeyStore(new MemoryRows())];
  const first = await enrol(broker.client(), store, user, 'Firefox on Linux');
  assert.ok(first.is === 'ready');
  assert.equal(broker.key?.accountPub, first.keys.account.pub);
  assert.equal(broker.bodies('POST /api/my/key')[0]!.deviceName, 'Firefox on Linux');

  const again = await enrol(broker.client(), store, user, 'Firefox on Linux');
  assert.ok(again.is === 'ready' && again.keys.account.confirmed);
  assert.equal(again.keys.device.public, first.keys.device.public);
  assert.equal(broker.bodies('POST /api/my/key').length, 1);
});

test('Nothing that is sent has a byte of the secret in it', async () => {
  const [broker, store] = [new FakeBroker(), new KeyStore(new MemoryRows())];
  const made = await enrol(broker.client(), store, user, 'Firefox on Linux');
  assert.ok(made.is === 'ready');
  const sent = JSON.stringify(broker.asked);
  for (const secret of [made.keys.account.secret.expose(), made.keys.device.exposeSeed()]) {
    for (const text of [toBase64(secret), toBase64(secret.slice(0, 30)), Buffer.from(secret).toString('hex')]) assert.ok(!sent.includes(text));
  }
});

test('A second browser of the account has to be let in', async () => {
  const broker = new FakeBroker();
  await enrol(broker.client(), new KeyStore(new MemoryRows()), user, 'one');
  const second = await enrol(broker.client(), new KeyStore(new MemoryRows()), user, 'two');
  assert.equal(second.is, 'new');
  assert.equal(broker.devices.length, 1);
});

test('Of two that make the first secret at once, the loser forgets his own and keeps his device', async () => {
  const broker = new FakeBroker();
  const loser = new KeyStore(new MemoryRows());
  let winner: Enrolment | null = null;
  let blinded = true;
  broker.on('GET /api/my/key', async () => {
    // The first look of the loser comes before the winner has posted.
    if (blinded) {
      blinded = false;
      const answer = { status: 404, body: { code: 'no_account_key', detail: 'There is none.' } };
      winner = await enrol(new FakeBrokerView(broker).client(), new KeyStore(new MemoryRows()), user, 'winner');
      return answer;
    }
    return { status: 200, body: broker.key };
  });
  const lost = await enrol(broker.client(), loser, user, 'loser');
  assert.equal(winner!.is, 'ready');
  assert.equal(lost.is, 'new');
  assert.equal((await loser.find(user))!.account, null);
});

test('A browser that was closed between making the secret and telling it goes on with the same one', async () => {
  const [broker, store] = [new FakeBroker(), new KeyStore(new MemoryRows())];
  broker.on('POST /api/my/key', () => Promise.reject(new TypeError('closed')));
  await assert.rejects(enrol(broker.client(), store, user, 'one'));
  const kept = (await store.find(user))!.account!;
  assert.equal(kept.confirmed, false);

  const whole = new FakeBroker();
  const found = await enrol(whole.client(), store, user, 'one');
  assert.ok(found.is === 'ready');
  assert.equal(found.keys.account.pub, kept.pub);
});

test('A broker that shows another key than the one that this browser knows is refused', async () => {
  const [broker, store] = [new FakeBroker(), new KeyStore(new MemoryRows())];
  await enrol(broker.client(), store, user, 'one');

  // Its own secret, planted in place of the account's.
  const planted = new FakeBroker();
  await enrol(planted.client(), new KeyStore(new MemoryRows()), user, 'planted');
  assert.equal((await enrol(planted.client(), store, user, 'one')).is, 'refused');

  // The same under a later generation, without a signature of the key before.
  planted.key = { ...planted.key!, generation: 2 };
  const answer = forged(user);
  planted.on('GET /api/my/renewal/2', () => ({ status: 200, body: answer }));
  assert.equal((await enrol(planted.client(), store, user, 'one')).is, 'refused');
});

test('A renewal by another device of the account is shown, and taken over only when its person agrees', async () => {
  const [broker, store] = [new FakeBroker(), new KeyStore(new MemoryRows())];
  const mine = await enrol(broker.client(), store, user, 'browser');
  assert.ok(mine.is === 'ready');
  const old = mine.keys.account.secret;
  const next = AccountSecret.generate();
  // The browser itself stands for the device that renewed: what counts is that it is in the proven list.
  const renewal = renew(old, next, mine.keys.device, user, 2, [], [mine.keys.device.public], Date.now());
  publish(broker, renewal, next.publicKey(user));

  const found = await enrol(broker.client(), store, user, 'browser');
  assert.ok(found.is === 'renewed');
  assert.equal((await store.find(user))!.account!.generation, 1);
  await acceptRenewal(store, found);
  const after = await enrol(broker.client(), store, user, 'browser');
  assert.ok(after.is === 'ready');
  assert.equal(after.keys.account.pub, next.publicKey(user));

  // The device was signed for by the key before: the renewal's signatures lead from the present key to that one.
  const trusted = accountKeys(broker.key as never, user, next.publicKey(user));
  assert.equal(trusted.size, 2);
  assert.ok(isProven(broker.devices[0] as never, user, trusted));
});

test('A device that the broker adds by itself is not proven', async () => {
  const [broker, store] = [new FakeBroker(), new KeyStore(new MemoryRows())];
  const mine = await enrol(broker.client(), store, user, 'browser');
  assert.ok(mine.is === 'ready');
  const trusted = accountKeys(broker.key as never, user, mine.keys.account.pub);
  assert.ok(isProven(broker.devices[0] as never, user, trusted));

  const foreign = AccountSecret.generate();
  const device = SigningKey.generate();
  const first = announceFirstSecret(foreign, device, user, Date.now());
  const planted = {
    devicePub: device.public,
    text: toBase64(first.text),
    accountSig: toBase64(first.accountSignature),
    deviceSig: toBase64(first.deviceSignature),
  };
  assert.equal(isProven(planted as never, user, trusted), false);

  const good = broker.devices[0] as { devicePub: string; text: string; accountSig: string; deviceSig: string };
  assert.equal(isProven({ ...good, devicePub: device.public } as never, user, trusted), false);
  assert.equal(isProven({ ...good, accountSig: good.deviceSig } as never, user, trusted), false);
  assert.equal(isProven({ ...good, text: '' } as never, user, trusted), false);
  assert.equal(isProven(good as never, 'user2', trusted), false);
});

test('A browser without storage is told so and asks for nothing', async () => {
  const broker = new FakeBroker();
  assert.equal((await enrol(broker.client(), null, user, 'private')).is, 'without-storage');
  assert.deepEqual(broker.asked, []);
});

/** The same broker for the winner, who sees it as it is. */
class FakeBrokerView extends FakeBroker {
  constructor(private readonly shown: FakeBroker) {
    super();
    this.on('POST /api/my/key', async (body) => {
      const inner = new FakeBroker();
      const answer = await inner.client().call('POST /api/my/key', { body: body as never });
      this.shown.key = inner.key;
      this.shown.devices.push(...inner.devices);
      this.key = inner.key;
      return { status: 201, body: answer };
    });
  }
}

function publish(broker: FakeBroker, renewal: ReturnType<typeof renew>, pub: string): void {
  const wire = {
    text: toBase64(renewal.text),
    oldSig: toBase64(renewal.oldSignature),
    newSig: toBase64(renewal.newSignature),
    deviceSig: toBase64(renewal.deviceSignature),
  };
  broker.on('GET /api/my/renewal/2', () => ({ status: 200, body: { ...wire, copy: toBase64(renewal.copies[0]!.sealed) } }));
  const record = { generation: 2, accountPub: asKey(pub), text: wire.text, oldSig: wire.oldSig, accountSig: wire.newSig, deviceSig: wire.deviceSig };
  broker.key = { generation: 2, accountPub: pub, record, history: [broker.key!.record] };
}

function forged(userId: string) {
  const [old, next, device] = [AccountSecret.generate(), AccountSecret.generate(), SigningKey.generate()];
  const renewal = renew(old, next, device, userId, 2, [], [device.public], Date.now());
  return {
    text: toBase64(renewal.text),
    oldSig: toBase64(renewal.oldSignature),
    newSig: toBase64(renewal.newSignature),
    deviceSig: toBase64(renewal.deviceSignature),
    copy: toBase64(renewal.copies[0]!.sealed),
  };
}
