import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../../api/problem';
import { random, recovery, Secret, toBase64 } from '../../crypto';
import { enrol } from '../enrolment';
import { KeyStore } from '../keystore';
import { recoverByKey, recoverByPasskey, recoveringPasskeys, storePasskeyRecovery, storeRecoveryKey } from '../recovering';
import { FakeBroker, MemoryRows } from './fake-broker';

const user = 'user1';

async function account() {
  const broker = new FakeBroker();
  const first = await enrol(broker.client(), new KeyStore(new MemoryRows()), user, 'gone');
  assert.ok(first.is === 'ready');
  const store = new KeyStore(new MemoryRows());
  const second = await enrol(broker.client(), store, user, 'new');
  assert.ok(second.is === 'new');
  return { broker, first: first.keys, store, second };
}

test('The printed key brings the secret back, and the browser enters itself in the list', async () => {
  const { broker, first, store, second } = await account();
  const key = recovery.RecoveryKey.generate();
  await storeRecoveryKey(broker.client(), first, key);
  const typed = recovery.RecoveryKey.tryParse(key.toPrintedText().toLowerCase().replaceAll('-', ' '))!;

  const keys = await recoverByKey(broker.client(), store, second.keys, second.key, typed, 'new');
  assert.equal(keys.account?.pub, first.account.pub);
  assert.equal((await enrol(broker.client(), store, user, 'new')).is, 'ready');
  assert.deepEqual(
    broker.devices.map((device) => device.name),
    ['gone', 'new'],
  );
  assert.ok(!JSON.stringify(broker.asked).includes(key.toPrintedText()));
});

test('Another key opens nothing and keeps nothing', async () => {
  const { broker, first, store, second } = await account();
  await storeRecoveryKey(broker.client(), first, recovery.RecoveryKey.generate());
  await assert.rejects(
    recoverByKey(broker.client(), store, second.keys, second.key, recovery.RecoveryKey.generate(), 'new'),
    (problem: Problem) => problem.code === 'recovery_key_wrong',
  );
  assert.equal(await store.find(user), null);
  assert.equal(broker.devices.length, 1);
});

test('A passkey that was set to recover opens the account, by what it derives and by its own entry only', async () => {
  const { broker, first, store, second } = await account();
  const [id, prf] = [random(20), random(32)];
  await storePasskeyRecovery(broker.client(), first, id, new Secret(prf));
  assert.deepEqual((await recoveringPasskeys(broker.client())).map(toBase64), [toBase64(id)]);

  for (const [wrongId, wrongPrf] of [
    [id, random(32)],
    [random(20), prf],
  ] as const) {
    await assert.rejects(
      recoverByPasskey(broker.client(), store, second.keys, second.key, wrongId, new Secret(wrongPrf), 'new'),
      (problem: Problem) => problem.code === 'passkey_opens_nothing',
    );
  }
  const keys = await recoverByPasskey(broker.client(), store, second.keys, second.key, id, new Secret(prf), 'new');
  assert.equal(keys.account?.pub, first.account.pub);
  assert.ok(!JSON.stringify(broker.asked).includes(toBase64(prf)));
});

test('Ways back that are withheld are asked for again after a proof', async () => {
  const { broker, first, store, second } = await account();
  const key = recovery.RecoveryKey.generate();
  await storeRecoveryKey(broker.client(), first, key);
  let proved = false;
  broker.on('GET /api/my/recovery', () => ({
    status: 200,
    body: proved ? { blobs: broker.blobs } : { withheld: true, blobs: broker.blobs.map(({ blob: _, ...rest }) => rest) },
  }));
  const client = broker.client(() => {
    proved = true;
    return true;
  });
  assert.equal((await recoverByKey(client, store, second.keys, second.key, key, 'new')).account?.pub, first.account.pub);
});
