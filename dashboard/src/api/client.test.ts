import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, Client, type Session } from './client';
import { Problem, textOf } from './problem';

/** A broker that answers what it was told to, in turn, and remembers what it was asked. */
function broker(...answers: Response[]) {
  const asked: { method: string; address: string; headers: Headers; body: unknown }[] = [];
  const fetch = async (address: string | URL | Request, init?: RequestInit) => {
    asked.push({ method: init!.method!, address: String(address), headers: new Headers(init!.headers), body: init!.body });
    const answer = answers.shift();
    if (!answer) throw new TypeError('fetch failed');
    return answer;
  };
  return { asked, fetch: fetch as typeof globalThis.fetch };
}

function session(over: Partial<Session> = {}): Session {
  return { csrf: () => 'token-1', refresh: async () => true, confirm: async () => true, isFresh: () => true, ...over };
}

const refusal = (status: number, code: string, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify({ type: `urn:claudemesh:error:${code}`, title: code, status, detail: `It is ${code}.`, error: code, code }), { status, headers });

test('What changes something carries the CSRF token, and reading does not', async () => {
  const { asked, fetch } = broker(Response.json({}), Response.json({}));
  const client = new Client(session(), fetch);
  await client.call('GET /api/my/account');
  await client.call('PATCH /api/my/account', { body: { displayName: 'Ann' } });
  assert.equal(asked[0]!.headers.get('X-CSRF-Token'), null);
  assert.equal(asked[1]!.headers.get('X-CSRF-Token'), 'token-1');
  assert.equal(asked[1]!.body, '{"displayName":"Ann"}');
});

test('A token that is over is renewed once, and the question asked again', async () => {
  let renewed = 0;
  const { asked, fetch } = broker(refusal(401, 'token_invalid'), Response.json({ meshes: [] }));
  const client = new Client(session({ refresh: async () => ++renewed > 0 }), fetch);
  assert.deepEqual(await client.call('GET /api/my/meshes'), { meshes: [] });
  assert.equal(renewed, 1);
  assert.equal(asked.length, 2);
});

test('A second 401 stands: nothing is renewed twice', async () => {
  let renewed = 0;
  const { asked, fetch } = broker(refusal(401, 'token_invalid'), refusal(401, 'token_invalid'));
  const client = new Client(session({ refresh: async () => ++renewed > 0 }), fetch);
  await assert.rejects(client.call('GET /api/my/meshes'), (problem: Problem) => problem.is('token_invalid'));
  assert.equal(renewed, 1);
  assert.equal(asked.length, 2);
});

test('A wrong password is an answer, and renews nothing', async () => {
  const { asked, fetch } = broker(refusal(401, 'sign_in_failed'));
  const client = new Client(session({ refresh: () => assert.fail('renewed') }), fetch);
  await assert.rejects(client.call('POST /api/auth/sign-in', { body: { username: 'ann', password: 'x' } }), /sign_in_failed/);
  assert.equal(asked.length, 1);
});

test('What needs a fresh proof asks for one and goes on, or is refused where the person does not want to', async () => {
  const wanted = broker(refusal(403, 'fresh_authentication_required'), Response.json({ codes: ['a'] }));
  assert.deepEqual(await new Client(session(), wanted.fetch).call('POST /api/my/recovery-codes'), { codes: ['a'] });

  const unwanted = broker(refusal(403, 'fresh_authentication_required'));
  const client = new Client(session({ confirm: async () => false }), unwanted.fetch);
  await assert.rejects(client.call('POST /api/my/recovery-codes'), (problem: Problem) => problem.status === 403);
  assert.equal(unwanted.asked.length, 1);
});

test('A broker that does not answer, and a proxy that does in its place, are told in words', async () => {
  const client = new Client(session(), broker(new Response('<html>502</html>', { status: 502 })).fetch);
  await assert.rejects(client.call('GET /api/my/account'), (problem: Problem) => problem.code === 'unreadable' && problem.message.includes('502'));
  await assert.rejects(new Client(session(), broker().fetch).call('GET /api/my/account'), (problem: Problem) => problem.code === 'unreachable');
});

test('How long to wait is said with the refusal', async () => {
  const client = new Client(session(), broker(refusal(429, 'sign_in_wait', { 'Retry-After': '30' })).fetch);
  await assert.rejects(client.call('POST /api/auth/sign-in', { body: { username: 'ann', password: 'x' } }), (problem: Problem) => {
    assert.equal(problem.retryAfter, 30);
    assert.equal(textOf(problem), 'It is sign_in_wait (30 seconds).');
    return true;
  });
});

test('An id in a path is escaped, and none leads to another path', () => {
  assert.equal(addressOf('/api/my/passkeys/{id}', { path: { id: 'a/../b?c' }, query: null }), '/api/my/passkeys/a%2F..%2Fb%3Fc');
  for (const id of ['', '.', '..']) assert.throws(() => addressOf('/api/my/passkeys/{id}', { path: { id }, query: null }), Problem);
});
