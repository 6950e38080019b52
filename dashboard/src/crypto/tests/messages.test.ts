import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../bytes';
import { signatureSize, verify } from '../ed25519';
import { sha256 } from '../hashing';
import type { PublicKey } from '../ids';
import { RootHistory } from '../log/history';
import { MemberKey } from '../member';
import { helloText, joinPossessionText, receiptText, sessionText, verifiesSession, workspaceCreateText } from '../member';
import { digestOf } from '../ids';
import type { Sealed } from '../messages/body';
import { countChunks, FileSeal } from '../messages/file';
import { joinMentions, type MessageHeader, parseHeader, writeHeader } from '../messages/header';
import { type MessageFrame, openDirect, openShared, sealDirect, sealShared } from '../messages/message';
import { openObject, parseObjectHeader, sealObject } from '../messages/object';
import { PairKeys } from '../messages/pairs';
import { parseTarget, writeTarget } from '../messages/target';
import { Secret } from '../secret';
import { utf8 } from '../bytes';
import { encode, field } from '../text';
import * as vectors from './vectors';

const member = vectors.member();
const b = new MemberKey(vectors.signer('b'));
const root = vectors.root();
const log = vectors.startLog(member, root);
const now = vectors.at + 1000;

function roots(): RootHistory {
  const history = new RootHistory();
  assert.ok(history.tryAdd(log, vectors.root()));
  return history;
}

function header(spec: string, id: string): MessageHeader {
  const target = parseTarget(spec)!;
  return {
    meshId: vectors.mesh,
    target,
    senderMember: member.public,
    senderSession: vectors.key('keys.session_pub'),
    clientMessageId: id,
    sentAt: vectors.at,
    replyTo: null,
    priority: 'next',
    mentions: '',
    root: target.kind === 'direct' ? null : root.reference,
  };
}

function frame(of: MessageHeader): MessageFrame {
  return {
    meshId: of.meshId,
    targetSpec: writeTarget(of.target),
    senderMember: of.senderMember,
    senderKey: of.senderSession ?? of.senderMember,
    clientMessageId: of.clientMessageId,
    priority: of.priority,
  };
}

const vectorOf = (name: string): Sealed => ({
  header: vectors.bytes(`messages.${name}.header`),
  nonce: vectors.bytes(`messages.${name}.nonce`),
  ciphertext: vectors.bytes(`messages.${name}.ciphertext`),
});

const shared = [
  ['topic', '#topic1', 'cmid1', 'hello topic'],
  ['group', '@backend', 'cmid3', 'hello group'],
  ['tag', 'tag:repo:billing', 'cmid4', 'hello tag'],
  ['broadcast', '*', 'cmid5', 'hello all'],
] as const;

for (const [name, spec, id, text] of shared) {
  test(`a message to a ${name} has the bytes of its vector and opens`, () => {
    const made = sealShared(member, root, header(spec, id), { type: 'text', text }, vectors.nonce());
    assert.deepEqual(made, vectorOf(name));
    assert.equal(toHex(sha256(made.header)), vectors.text(`messages.${name}.header_sha256`));
    assert.equal(toHex(sha256(made.ciphertext)), vectors.text(`messages.${name}.ciphertext_sha256`));
    assert.deepEqual(parseHeader(made.header), header(spec, id));
    assert.deepEqual(openShared(log, roots(), frame(header(spec, id)), made), { header: header(spec, id), body: { type: 'text', text } });
  });
}

for (const [name, spec, id, text] of [
  ['direct', b.public, 'cmid2', 'hello mesh'],
  ['direct_to_session', b.public + vectors.signer('s').public, '', 'hello session'],
] as const) {
  test(`a ${name} message has the bytes of its vector and opens`, () => {
    const of = parseHeader(vectorOf(name).header)!;
    assert.equal(writeTarget(of.target), spec);
    if (id !== '') assert.deepEqual(of, header(spec, id));
    assert.deepEqual(sealDirect(member, new PairKeys(member, vectors.mesh), of, { type: 'text', text }, vectors.nonce()), vectorOf(name));
    const opened = openDirect(b.public, new PairKeys(b, vectors.mesh), frame(of), vectorOf(name), now);
    assert.deepEqual(opened, { header: of, body: { type: 'text', text } });
    assert.equal(log.checkMessage(of), null);
  });
}

test('the length of a message shows in steps of 64 only', () => {
  interface Length { client_message_id: string; text_length: number; ciphertext_length: number; header_sha256: string; ciphertext: string }
  for (const each of vectors.element<Length[]>('message_lengths')) {
    const made = sealShared(member, root, header('#topic1', each.client_message_id), { type: 'text', text: 'a'.repeat(each.text_length) }, vectors.nonce());
    assert.equal(toHex(sha256(made.header)), each.header_sha256);
    assert.equal(toHex(made.ciphertext), each.ciphertext);
    assert.equal(made.ciphertext.length, each.ciphertext_length);
  }
});

test('no bit of a message may change', () => {
  const good = vectorOf('topic');
  const history = roots();
  const of = header('#topic1', 'cmid1');
  const refused = (bad: Sealed) => assert.equal(typeof openShared(log, history, { meshId: vectors.mesh }, bad), 'string');
  for (const bad of vectors.flipped(good.header)) refused({ ...good, header: bad });
  for (const bad of vectors.flipped(good.nonce)) refused({ ...good, nonce: bad });
  for (const bad of vectors.flipped(good.ciphertext)) refused({ ...good, ciphertext: bad });
  refused({ ...good, ciphertext: new Uint8Array(0) });
  refused({ ...good, nonce: new Uint8Array(0) });
  assert.equal(typeof openShared(log, history, frame(of), good), 'object');

  const direct = vectorOf('direct');
  const pairs = new PairKeys(b, vectors.mesh);
  for (const bad of vectors.flippedSparsely(direct.header)) {
    assert.equal(typeof openDirect(b.public, pairs, { meshId: vectors.mesh }, { ...direct, header: bad }, now), 'string');
  }
  for (const bad of vectors.flipped(direct.ciphertext)) {
    assert.equal(openDirect(b.public, pairs, { meshId: vectors.mesh }, { ...direct, ciphertext: bad }, now), 'DoesNotOpen');
  }
});

test('a message whose frame says something else is not shown', () => {
  const of = header('#topic1', 'cmid1');
  const other: Partial<MessageFrame>[] = [
    { meshId: 'mesh2' },
    { targetSpec: '#topic2' },
    { targetSpec: 'nobody' },
    { senderMember: b.public },
    { senderKey: member.public },
    { clientMessageId: 'cmid9' },
    { priority: 'now' },
    { replyTo: 'cmid0' },
  ];
  for (const change of other) assert.equal(openShared(log, roots(), { ...frame(of), ...change }, vectorOf('topic')), 'FrameMismatch');
});

test('a direct message is for its member, and neither old nor ahead', () => {
  const pairs = new PairKeys(b, vectors.mesh);
  const message = vectorOf('direct');
  const open = (at: number) => openDirect(b.public, pairs, { meshId: vectors.mesh }, message, at);
  const days = 24 * 3_600_000;
  assert.equal(openDirect(member.public, pairs, { meshId: vectors.mesh }, message, now), 'WrongTarget');
  assert.equal(openDirect(b.public, pairs, { meshId: vectors.mesh }, vectorOf('topic'), now), 'WrongTarget');
  assert.equal(open(vectors.at + 45 * days), 'TooOld');
  assert.equal(typeof open(vectors.at + 45 * days - 1), 'object');
  assert.equal(open(vectors.at - 5 * 60_000 - 1), 'TooFarAhead');
  assert.equal(typeof open(vectors.at - 5 * 60_000), 'object');
});

test('a message under another root, of a stranger or by another hand is not shown', () => {
  const stranger = { ...header('#topic1', 'x'), senderMember: b.public };
  const body = { type: 'text', text: 'hello' };
  assert.equal(openShared(log, roots(), { meshId: vectors.mesh }, sealShared(b, root, stranger, body)), 'NotAMember');
  assert.equal(openShared(log, new RootHistory(), { meshId: vectors.mesh }, vectorOf('topic')), 'NoRoot');
  assert.throws(() => sealShared(b, root, header('#topic1', 'x'), body), RangeError);
  assert.throws(() => sealShared(member, root, { ...header('#topic1', 'x'), root: { ...root.reference, epoch: 2 } }, body), RangeError);
  assert.throws(() => writeHeader({ ...header('#topic1', 'x'), root: null }), RangeError);

  const elsewhere = { ...header('#topic1', 'x'), root: { ...root.reference, scope: 'topic/topic1' } };
  assert.equal(openShared(log, roots(), { meshId: vectors.mesh }, { ...vectorOf('topic'), header: writeHeader(elsewhere) }), 'WrongRoot');
});

test('an address is read as the broker reads it', () => {
  for (const spec of ['*', '@backend', '@a/b', '@größe', '#t-1', 'tag:repo:billing', 'tag:1a', b.public, b.public + member.public]) {
    assert.equal(writeTarget(parseTarget(spec)!), spec);
  }
  assert.deepEqual(parseTarget('@all'), { kind: 'broadcast' });
  for (const spec of ['', 'alice', '@', '@/a', '@a/', '@a b', '#', '#a b', 'tag:', 'tag::a', b.public.toUpperCase(), b.public.slice(1), `${b.public}0`, '@😀']) {
    assert.equal(parseTarget(spec), null, spec);
  }
  assert.equal(joinMentions(['Bob', 'alice', 'bob']), 'alice,bob');
});

test('an object has the bytes of its vector, opens, and never goes back', () => {
  const of = {
    kind: 'state' as const, meshId: vectors.mesh, name: 'deploy/target', revision: 2, author: member.public, at: vectors.at, epoch: 1, rootId: root.id,
  };
  const made = sealObject(member, root, of, { type: 'json', text: vectors.text('object.text') }, vectors.nonce());
  assert.equal(toHex(made.header), vectors.text('object.header'));
  assert.equal(toHex(made.ciphertext), vectors.text('object.ciphertext'));
  assert.deepEqual(parseObjectHeader(made.header), of);
  const framed = { kind: of.kind, meshId: of.meshId, name: of.name, revision: of.revision };
  const history = roots();
  assert.deepEqual(openObject(log, history, framed, 2, made), { header: of, body: { type: 'json', text: vectors.text('object.text') } });
  assert.equal(openObject(log, history, framed, 3, made), 'OlderThanSeen');
  assert.equal(openObject(log, history, { ...framed, revision: 3 }, 0, made), 'FrameMismatch');
  for (const bad of vectors.flippedSparsely(made.header)) assert.equal(typeof openObject(log, history, framed, 0, { ...made, header: bad }), 'string');
  for (const bad of vectors.flipped(made.ciphertext)) assert.equal(openObject(log, history, framed, 0, { ...made, ciphertext: bad }), 'DoesNotOpen');
});

test('the chunks of a file have the bytes of their vectors and cannot be moved, dropped or cut off', () => {
  const seal = new FileSeal(new Secret(vectors.bytes('file.key')), vectors.mesh, vectors.text('file.file_id'));
  for (const { size, sha256: hash, chunks_sha256 } of vectors.element<{ size: number; sha256: string; chunks_sha256: string[] }[]>('file.files')) {
    const content = Uint8Array.from({ length: size }, (_, i) => i % 251);
    assert.equal(toHex(sha256(content)), hash);
    assert.equal(countChunks(size), chunks_sha256.length);
    for (const [i, expected] of chunks_sha256.entries()) {
      const last = i === chunks_sha256.length - 1;
      const chunk = content.slice(i * 65_536, (i + 1) * 65_536);
      const made = seal.seal(i, last, chunk);
      assert.equal(toHex(sha256(made)), expected);
      assert.deepEqual(seal.open(i, last, made), chunk);
      assert.equal(seal.open(i + 1, last, made), null);
      assert.equal(seal.open(i, !last, made), null);
    }
  }
  const empty = vectors.bytes('file.empty_file');
  assert.deepEqual(seal.open(0, true, empty), new Uint8Array(0));
  for (const bad of vectors.flipped(empty)) assert.equal(seal.open(0, true, bad), null);
  assert.equal(new FileSeal(new Secret(vectors.bytes('file.key')), vectors.mesh, 'file2').open(0, true, empty), null);
  assert.throws(() => seal.seal(0, false, new Uint8Array(5)), RangeError);
});

test('every signed text of the vectors has its bytes, and no bit of its signature may change', () => {
  const session = member.deriveSession(vectors.mesh, 'sess1');
  const cases: [name: string, key: PublicKey, text: Uint8Array, field: string][] = [
    ['hello', member.public, helloText(vectors.mesh, member.public, vectors.bytes('signed.hello.challenge'), vectors.at), 'signature'],
    ['session', member.public, sessionText(vectors.mesh, member.public, session.public, 'sess1', 1700043200000), 'attestation'],
    ['session', session.public, sessionText(vectors.mesh, member.public, session.public, 'sess1', 1700043200000), 'proof'],
    ['join_possession', b.public, joinPossessionText(vectors.mesh, digestOf(sha256(utf8('token'))), b.public, vectors.at), 'signature'],
    ['workspace_create', member.public, workspaceCreateText(vectors.mesh, 'acme', 'Acme', member.public, vectors.at), 'signature'],
    ...(['receipt_read', 'receipt_refused'] as const).map((name): [string, PublicKey, Uint8Array, string] => {
      const receipt = vectors.element<{ state: 'read' | 'refused'; reason: string; recipient_session_pub: string }>(`signed.${name}`);
      const text = receiptText({
        meshId: vectors.mesh,
        senderMember: member.public,
        clientMessageId: 'cmid2',
        recipientMember: b.public,
        recipientSession: receipt.recipient_session_pub === '' ? null : (receipt.recipient_session_pub as PublicKey),
        state: receipt.state,
        reason: receipt.reason,
        at: vectors.at,
      });
      return [name, b.public, text, 'signature'];
    }),
  ];
  for (const [name, key, text, part] of cases) {
    const signature = vectors.bytes(`signed.${name}.${part}`);
    assert.equal(toHex(text), vectors.text(`signed.${name}.bytes`), name);
    assert.equal(signature.length, signatureSize);
    assert.ok(verify(key, text, signature), name);
    for (const bad of vectors.flippedSparsely(signature)) assert.equal(verify(key, text, bad), false);
    for (const bad of vectors.flippedSparsely(text)) assert.equal(verify(key, bad, signature), false);
  }
  const text = cases[1]![2];
  assert.ok(verifiesSession(text, member.public, session.public, vectors.bytes('signed.session.attestation'), vectors.bytes('signed.session.proof')));
});

test('the signature inside a message is over its header and its payload', () => {
  const text = encode('claudemesh/message-sig/3', field.bytes(vectors.bytes('messages.topic.header')), field.bytes(vectors.bytes('messages.topic.payload')));
  assert.equal(toHex(member.sign(text)), vectors.text('messages.topic.sig'));
});
