import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendable } from '../passkeys';

/** What a browser gives: its JSON has the secret in it that the passkey derived. */
class Given {
  toJSON() {
    return { id: 'abc', type: 'public-key', response: {}, clientExtensionResults: { prf: { results: { first: 'c2VjcmV0' } } } };
  }
}

test('A credential is sent without what its extensions gave, and with the field that the broker wants', () => {
  Object.assign(globalThis, { PublicKeyCredential: Given });
  const sent = sendable(new Given() as unknown as Credential) as Record<string, unknown>;
  assert.deepEqual(sent.clientExtensionResults, {});
  assert.equal(sent.id, 'abc');
  assert.ok(!JSON.stringify(sent).includes('c2VjcmV0'));
  assert.throws(() => sendable(null), /No passkey/);
});
