import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { hasLoneSurrogate, toBase64, toBase64Url, toHex, tryBase64, tryBase64Url, tryHex, tryText, utf8 } from '../bytes';
import { pad, unpad } from '../aead';
import { isScope, isWireId, newId, tryPublicKey } from '../ids';
import { Secret } from '../secret';
import { decode, encode, field } from '../text';
import * as vectors from './vectors';

test('a text has the bytes that the vectors say', () => {
  assert.equal(toHex(encode('a', field.text(''), field.text('bc'))), vectors.text('encoding.bytes'));
});

test('only what was written is read, and no bit of it may change', () => {
  const read = (bytes: Uint8Array) => decode(bytes, 'a', (fields) => [fields.text(), fields.number(), fields.id(), fields.key()] as const);
  const key = vectors.key('keys.b_pub');
  const bytes = encode('a', field.text('é\u{1f600}'), field.number(2 ** 53 - 1), field.id('x-_9'), field.key(key));
  assert.deepEqual(read(bytes), ['é\u{1f600}', 2 ** 53 - 1, 'x-_9', key]);
  assert.equal(read(bytes.slice(0, -1)), null);
  assert.equal(read(Uint8Array.of(...bytes, 0)), null);
  assert.equal(read(new Uint8Array(0)), null);
  assert.equal(decode(bytes, 'b', (fields) => fields.text()), null);

  // Another value may be read, never the same one, and never one that is written differently.
  for (const bad of vectors.flipped(bytes)) {
    const value = read(bad);
    if (value !== null) assert.notEqual(JSON.stringify(value), JSON.stringify(read(bytes)));
    if (value !== null) {
      assert.deepEqual(encode('a', field.text(value[0]), field.number(value[1]), field.id(value[2]), field.key(value[3])), bad);
    }
  }
});

test('a number has one form', () => {
  for (const digits of ['', '00', '01', '-1', '+1', '1.0', '1e3', ' 1', '9007199254740992', '99999999999999999999']) {
    assert.equal(decode(encode('n', utf8(digits)), 'n', (fields) => fields.number()), null, digits);
  }
  for (const number of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]) assert.throws(() => field.number(number), RangeError);
});

test('a text that has no encoding is not signed, and one that is none is not read', () => {
  assert.throws(() => field.text('\ud800'), RangeError);
  assert.throws(() => field.text('a\udc00b'), RangeError);
  assert.equal(hasLoneSurrogate('\u{1f600}'), false);
  for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) assert.equal(tryText(Uint8Array.from(bytes)), null);
  // A byte order mark is a character; a decoder that drops it would make two texts of one.
  assert.equal(tryText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), '\ufeffa');
});

test('ids, scopes and keys have one form', () => {
  for (const id of ['', 'a b', 'ä', 'a/b', 'x'.repeat(65), 'a\n']) {
    assert.equal(isWireId(id), false, id);
    assert.throws(() => field.id(id), RangeError);
  }
  assert.ok(isWireId('x'.repeat(64)));
  assert.ok(isScope('mesh') && isScope('topic/a') && !isScope('topic/') && !isScope('topic/a/b') && !isScope('Mesh'));
  assert.equal(tryPublicKey(vectors.text('keys.b_pub').toUpperCase()), null);
  assert.equal(tryPublicKey(vectors.text('keys.b_pub').slice(1)), null);
  const made = Array.from({ length: 20 }, newId);
  assert.ok(made.every((id) => /^[0-9A-Za-z]{32}$/.test(id)) && new Set(made).size === made.length);
});

test('hexadecimal digits, base64 and base64url are read in the one form that is written', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.deepEqual(tryHex(toHex(bytes)), bytes);
  for (let length = 0; length < 6; length++) {
    assert.deepEqual(tryBase64(toBase64(bytes.slice(250, 250 + length))), bytes.slice(250, 250 + length));
    assert.deepEqual(tryBase64Url(toBase64Url(bytes.slice(250, 250 + length))), bytes.slice(250, 250 + length));
  }
  for (const text of ['A', 'AA', 'AB==', 'AA=', 'AAB=', 'AA==\n', ' AA==', '-_==', 'AA==AA==']) assert.equal(tryBase64(text), null, text);
  for (const text of ['A', 'AB', 'AA==', '+/', 'AA ', 'AAAAA']) assert.equal(tryBase64Url(text), null, text);
  for (const text of ['0', 'AB', '0g', ' 00']) assert.equal(tryHex(text), null, text);
});

test('padding has the bytes of the vectors and is read in that form only', () => {
  for (const { length, padded } of vectors.element<{ length: number; padded: string }[]>('padding')) {
    const plain = new Uint8Array(length).fill(0x61);
    assert.equal(toHex(pad(plain)), padded);
    assert.deepEqual(unpad(vectors.hex(padded)), plain);
  }
  assert.equal(unpad(new Uint8Array(0)), null);
  assert.equal(unpad(new Uint8Array(64)), null);
  assert.equal(unpad(new Uint8Array(128).fill(0x80, 0, 1)), null);
  assert.equal(unpad(new Uint8Array(63).fill(0x80)), null);
});

test('a secret shows itself nowhere', () => {
  const secret = new Secret(Uint8Array.of(0x5e, 0xc2, 0xe7));
  const account = vectors.account();
  for (const shown of [String(secret), JSON.stringify({ secret }), inspect(secret, { depth: 9, showHidden: true }), inspect(account, { depth: 9, showHidden: true })]) {
    assert.ok(!/5e|94|c2|194|e7|231|XsLn/.test(shown), shown);
  }
  assert.deepEqual(structuredClone(secret), {});
  secret.wipe();
  assert.throws(() => secret.expose());
});
