import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

test('The page asks nobody but its own broker for anything', () => {
  const page = readFileSync(new URL('../index.html', import.meta.url), 'utf8');
  const addresses = [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map((match) => match[1]!);
  assert.ok(addresses.length > 2);
  assert.deepEqual(
    addresses.filter((address) => !address.startsWith('/src/')),
    [],
  );
});

test('The page has no script and no style in itself, which its policy forbids', () => {
  const page = readFileSync(new URL('../index.html', import.meta.url), 'utf8');
  assert.doesNotMatch(page, /<style|style="|\son\w+="|<script(?![^>]*\ssrc=)/i);
});
