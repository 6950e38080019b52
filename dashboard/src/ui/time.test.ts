import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ago } from './time';

test('Times are told as people do', () => {
  const now = new Date('2026-03-01T12:00:00Z');
  const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);
  assert.equal(ago(at(-20), now), 'just now');
  assert.equal(ago(at(-300), now), '5 minutes ago');
  assert.equal(ago(at(-86_400), now), 'yesterday');
  assert.equal(ago(at(3 * 86_400), now), 'in 3 days');
  assert.equal(ago(at(-800 * 86_400), now), '2 years ago');
});
