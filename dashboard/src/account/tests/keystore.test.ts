import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountSecret, SigningKey, toHex } from '../../crypto';
import { KeyStore } from '../keystore';
import { MemoryRows } from './fake-broker';

function keys(userId = 'user1') {
  const secret = AccountSecret.generate();
  return { userId, device: SigningKey.generate(), account: { secret, pub: secret.publicKey(userId), generation: 3, confirmed: true } };
}

test('Keys come back as they were kept, and what lies in the rows has none of their bytes', async () => {
  const rows = new MemoryRows();
  const kept = keys();
  await new KeyStore(rows).save(kept);

  const found = (await new KeyStore(rows).find('user1'))!;
  assert.equal(found.device.public, kept.device.public);
  assert.deepEqual(found.account?.secret.expose(), kept.account.secret.expose());
  assert.deepEqual([found.account?.generation, found.account?.pub, found.account?.confirmed], [3, kept.account.pub, true]);

  const row = rows.rows.get('user1')!;
  const stored = toHex(row.box) + toHex(row.nonce) + JSON.stringify({ ...row, box: 0, nonce: 0 });
  for (const secret of [kept.device.exposeSeed(), kept.account.secret.expose()]) assert.ok(!stored.includes(toHex(secret)));
});

test('The key that wraps them is given to no script', async () => {
  const key = await new MemoryRows().wrappingKey();
  assert.equal(key.extractable, false);
  await assert.rejects(crypto.subtle.exportKey('raw', key));
  await assert.rejects(crypto.subtle.exportKey('jwk', key));
});

test('Another browser, another account and a row that was changed open nothing', async () => {
  const rows = new MemoryRows();
  const kept = keys();
  await new KeyStore(rows).save(kept);
  const row = rows.rows.get('user1')!;

  const elsewhere = new MemoryRows();
  await elsewhere.put(row);
  assert.equal(await new KeyStore(elsewhere).find('user1'), null);

  assert.equal(await new KeyStore(rows).find('user2'), null);
  for (const change of [{ generation: 4 }, { confirmed: false }, { accountPub: '00'.repeat(32) }, { userId: 'user2' }]) {
    const changed = { ...row, ...change };
    await rows.put(changed);
    assert.equal(await new KeyStore(rows).find(changed.userId), null, JSON.stringify(change));
  }

  const flipped = Uint8Array.from(row.box);
  flipped[5]! ^= 1;
  await rows.put({ ...row, box: flipped });
  assert.equal(await new KeyStore(rows).find('user1'), null);
});

test('What is forgotten is gone', async () => {
  const rows = new MemoryRows();
  const store = new KeyStore(rows);
  await store.save(keys());
  await store.forget('user1');
  assert.equal(await store.find('user1'), null);
  assert.equal(rows.rows.size, 0);
});
