// The browser's side of the cross check: tests/Claudemesh.Crypto.Tests/Browser starts it, asks one JSON object a line, and gets one a line.
// Bytes are hexadecimal digits on this line of its own; nothing else speaks it.

import { createInterface } from 'node:readline';
import { ed25519, ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { AccountSecret } from '../account';
import { approve, type ApprovalText, openApproval } from '../approval';
import { type Bytes, concat, random, toHex } from '../bytes';
import { SigningKey, verify } from '../ed25519';
import { newId, type PublicKey } from '../ids';
import { InviteSecret, openPackage, parseInviteLink, writeInviteLink } from '../invite';
import { LogDraft } from '../log/draft';
import { HeldLog } from '../log/held';
import { RootHistory } from '../log/history';
import { checkInvite, draftInvite, draftJoin } from '../log/joining';
import { Membership } from '../log/membership';
import { readRecord, type SignedRecord } from '../log/record';
import { draftRotation, sealCopy } from '../log/rotation';
import { MemberKey } from '../member';
import type { Sealed } from '../messages/body';
import { type MessageHeader, parseHeader } from '../messages/header';
import { openDirect, openShared, sealDirect, sealShared } from '../messages/message';
import { PairKeys } from '../messages/pairs';
import { parseTarget } from '../messages/target';
import { PairingSecret } from '../pairing';
import * as recovery from '../recovery';
import type { RootKey } from '../root';
import { Secret } from '../secret';
import { hex } from './vectors';

interface Hex { readonly [name: string]: string }
interface RecordHex { readonly record: string; readonly signature: string }
interface SealedHex { readonly header: string; readonly nonce: string; readonly ciphertext: string }
interface Workspace { readonly meshId: string; readonly records: RecordHex[]; readonly seed: string; readonly epoch: number; readonly copy: string }

const questions = {
  approve: (of: { account: string; approver: string; pairing: string; text: ApprovalText }) => {
    const approval = approve(new AccountSecret(hex(of.account)), new SigningKey(hex(of.approver)), new PairingSecret(hex(of.pairing)), of.text);
    return approval && mapHex({ ...approval });
  },

  openApproval: (of: { device: string; pairing: string; approval: Hex; userId: string; userCode: string; deviceName: string }) => {
    const { text, box, accountSignature, deviceSignature } = mapBytes(of.approval);
    const approval = { text: text!, box: box!, accountSignature: accountSignature!, deviceSignature: deviceSignature! };
    const opened = openApproval(new SigningKey(hex(of.device)), new PairingSecret(hex(of.pairing)), approval, of);
    return opened && { account: toHex(opened.account.expose()), generation: opened.text.generation };
  },

  sealRecovery: (of: { account: string; userId: string; generation: number; prf: string; credentialId: string }) => {
    const account = new AccountSecret(hex(of.account));
    const key = recovery.RecoveryKey.generate();
    return {
      printed: key.toPrintedText(),
      key: toHex(recovery.sealWithKey(key, account, of.userId, of.generation)),
      prf: toHex(recovery.sealWithPrf(new Secret(hex(of.prf)), hex(of.credentialId), account, of.userId, of.generation)),
    };
  },

  openRecovery: (of: { userId: string; generation: number; account: PublicKey; printed: string; key: string; prf: string; credentialId: string; prfBlob: string }) => {
    const typed = recovery.RecoveryKey.tryParse(of.printed);
    const byKey = typed && recovery.openWithKey(typed, hex(of.key), of);
    const byPrf = recovery.openWithPrf(new Secret(hex(of.prf)), hex(of.credentialId), hex(of.prfBlob), of);
    return { byKey: byKey && toHex(byKey.expose()), byPrf: byPrf && toHex(byPrf.expose()) };
  },

  sealShared: (of: Workspace & { spec: string; text: string; clientMessageId: string; sentAt: number }) => {
    const { log, roots, member } = enter(of);
    const root = roots.find(log.state, of.epoch)!;
    return sealedHex(sealShared(member, root, headerOf(of, member, of.meshId, root), { type: 'text', text: of.text }));
  },

  openShared: (of: Workspace & { sealed: SealedHex }) => {
    const { log, roots } = enter(of);
    const opened = openShared(log.state, roots, { meshId: of.meshId }, sealedOf(of.sealed));
    return typeof opened === 'string' ? { refusal: opened } : opened.body;
  },

  sealDirect: (of: { seed: string; meshId: string; spec: string; text: string; clientMessageId: string; sentAt: number }) => {
    const member = MemberKey.fromSeed(hex(of.seed));
    const sealed = sealDirect(member, new PairKeys(member, of.meshId), headerOf(of, member, of.meshId, null), { type: 'json', text: of.text });
    return sealed && sealedHex(sealed);
  },

  openDirect: (of: { seed: string; meshId: string; sealed: SealedHex; now: number }) => {
    const member = MemberKey.fromSeed(hex(of.seed));
    const opened = openDirect(member.public, new PairKeys(member, of.meshId), { meshId: of.meshId }, sealedOf(of.sealed), of.now);
    return typeof opened === 'string' ? { refusal: opened } : opened.body;
  },

  /** Judges each attempt at a record by the log before it; what is refused leaves the log as it was. */
  judge: (of: { meshId: string; scope: string; attempts: RecordHex[]; mesh?: RecordHex[] }) => {
    const mesh = of.mesh && readLog(of.meshId, of.mesh).state;
    let state = Membership.empty(of.meshId, of.scope);
    const verdicts = of.attempts.map((attempt) => {
      const record = readRecord(recordOf(attempt));
      const next = typeof record === 'string' ? record : state.apply(record, mesh);
      if (typeof next === 'string') return next;
      state = next;
      return 'None';
    });
    return { verdicts, state: describe(state, mesh) };
  },

  /** Accepts an invite as the page does: link, package and log from the broker; the member is the account's. */
  join: (of: { link: string; package: string; records: RecordHex[]; copy: string; account: string; userId: string; memberId: string; now: number }) => {
    const link = parseInviteLink(of.link)!;
    const invited = openPackage(link.secret!, link.inviteId, hex(of.package));
    if (invited === null) return { refusal: 'NoPackage' };
    const held = new HeldLog(invited.meshId, 'mesh', invited.pin);
    held.read(of.records.map(recordOf));
    const refusal = checkInvite(held, invited, link.secret!, link.inviteId);
    if (refusal !== null) return { refusal };

    const member = new AccountSecret(hex(of.account)).deriveMember(of.userId, invited.meshId);
    const draft = new LogDraft(held.state, member, of.now);
    const drafted = draftJoin(draft, link.secret!, link.inviteId, of.memberId);
    if (drafted !== null) return { refusal: drafted };
    const roots = new RootHistory();
    roots.tryOpen(draft.state, draft.state.epoch, link.secret!.deriveKey(link.inviteId), hex(of.copy));
    return { record: recordHex(draft.records[0]!.signed), member: member.public, copy: toHex(sealCopy(roots.newest!, member.public).copy) };
  },

  /** A workspace made here, with an invite for the other side. */
  invite: (of: { now: number }) => {
    const owner = new MemberKey(SigningKey.generate());
    const meshId = newId();
    const draft = new LogDraft(Membership.empty(meshId, 'mesh'), owner, of.now);
    taken(draft.add({ type: 'genesis', nonce: SigningKey.generate().public as never, encryption: 'required', ownerMemberId: newId() }));
    const first = draftRotation(draft, null, 'start') as RootKey;
    const root = draftRotation(draft, first, 'second') as RootKey;
    const secret = InviteSecret.generate();
    const inviteId = newId();
    const invitation = draftInvite(draft, secret, { inviteId, admits: 'admin', usesMax: 1, expiresAt: of.now + 60_000 }, root);
    if (typeof invitation === 'string') throw new Error(invitation);
    return {
      meshId,
      link: writeInviteLink({ broker: 'https://host.example', inviteId, secret }),
      package: toHex(invitation.package),
      copy: toHex(invitation.root!.copy),
      firstRoot: first.id,
      records: draft.records.map((record) => recordHex(record.signed)),
    };
  },

  /** Signatures that an honest signer does not make, with what this side thinks of each. */
  crafted: (of: { count: number }) => Array.from({ length: of.count }, craft),

  verify: (of: { key: PublicKey; message: string; signature: string }) => verify(of.key, hex(of.message), hex(of.signature)),
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { ask, of } = JSON.parse(line) as { ask: keyof typeof questions; of: never };
  try {
    process.stdout.write(`${JSON.stringify({ answer: questions[ask](of) ?? null })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ error: String(error) })}\n`);
  }
});

/** Points of small order added to R, to the key, to both or to neither; sometimes the equation is right, sometimes one bit is not. */
function craft(): { key: string; message: string; signature: string; verdict: boolean } {
  const { Point } = ed25519;
  const order = Point.Fn.ORDER;
  const message = random(12);
  const choice = random(4);
  const torsion = (byte: number) => Point.fromHex(ED25519_TORSION_SUBGROUP[byte % ED25519_TORSION_SUBGROUP.length]!);
  const scalar = (bytes: Bytes) => bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n) % order;

  const a = scalar(random(64)) || 1n;
  const r = choice[2]! % 5 === 0 ? 0n : scalar(random(64)) || 1n;
  const point = (of: bigint) => (of === 0n ? Point.ZERO : Point.BASE.multiply(of));
  const key = choice[0]! % 2 === 0 ? point(a) : point(a).add(torsion(choice[0]! >> 1));
  const R = choice[1]! % 2 === 0 ? point(r) : point(r).add(torsion(choice[1]! >> 1));
  const h = scalar(sha512(concat(R.toBytes(), key.toBytes(), message)));
  const signature = concat(R.toBytes(), littleEndian((r + h * a) % order));
  if (choice[3]! % 4 === 0) signature[choice[3]! >> 2] = signature[choice[3]! >> 2]! ^ 1;
  const publicKey = toHex(key.toBytes()) as PublicKey;
  return { key: publicKey, message: toHex(message), signature: toHex(signature), verdict: verify(publicKey, message, signature) };
}

function littleEndian(value: bigint): Bytes {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

function enter(of: Workspace): { log: HeldLog; roots: RootHistory; member: MemberKey } {
  const log = readLog(of.meshId, of.records);
  const member = MemberKey.fromSeed(hex(of.seed));
  const roots = new RootHistory();
  if (!roots.tryOpen(log.state, of.epoch, member.key, hex(of.copy))) throw new Error('The copy does not open.');
  return { log, roots, member };
}

function readLog(meshId: string, records: readonly RecordHex[]): HeldLog {
  const log = new HeldLog(meshId, 'mesh', null);
  if (log.read(records.map(recordOf)) !== 'extended') throw new Error(`The log is not taken: ${log.fork?.refusal}.`);
  return log;
}

/** The state in a form that both sides can write alike. */
function describe(state: Membership, mesh?: Membership): string[] {
  const { is } = state;
  const lines = [
    `head ${is.head.seq} ${is.head.hash} ${is.head.at}`,
    `pin ${is.pin} required ${is.encryptionRequired} due ${state.isRotationDue(mesh)} recipients ${Membership.hashOf(state.recipientsAt(is.head.at))}`,
    ...is.epochs.map((epoch) => `epoch ${epoch.number} ${epoch.rootId}`),
    ...[...is.members].map(([key, member]) => `member ${key} ${member.memberId} ${member.role} ${member.kind}`),
    ...[...is.invites].map(([id, invite]) => `invite ${id} ${invite.key} ${invite.role} ${invite.uses}/${invite.usesMax} ${invite.expiresAt} ${invite.ended}`),
    ...[...is.keys].map(([key, past]) => {
      const stays = past.stays.map((stay) => `${stay.fromEpoch}:${stay.fromAt}-${stay.untilEpoch ?? ''}:${stay.untilAt ?? ''}`).join(' ');
      return `key ${key} ${past.memberId} ${past.successor ?? '-'} ${past.wasLost} ${state.follow(key) ?? '-'} ${stays}`;
    }),
  ];
  return lines.sort();
}

function headerOf(
  of: { spec: string; clientMessageId: string; sentAt: number }, member: MemberKey, meshId: string, root: RootKey | null,
): MessageHeader {
  return {
    meshId,
    target: parseTarget(of.spec)!,
    senderMember: member.public,
    senderSession: null,
    clientMessageId: of.clientMessageId,
    sentAt: of.sentAt,
    replyTo: null,
    priority: 'low',
    mentions: 'alice,bob',
    root: root?.reference ?? null,
  };
}

function sealedOf(sealed: SealedHex): Sealed {
  if (parseHeader(hex(sealed.header)) === null) throw new Error('The header is none.');
  return { header: hex(sealed.header), nonce: hex(sealed.nonce), ciphertext: hex(sealed.ciphertext) };
}

function sealedHex(sealed: Sealed): SealedHex {
  return { header: toHex(sealed.header), nonce: toHex(sealed.nonce), ciphertext: toHex(sealed.ciphertext) };
}

function recordOf(record: RecordHex): SignedRecord {
  return { record: hex(record.record), signature: hex(record.signature) };
}

function recordHex(signed: SignedRecord): RecordHex {
  return { record: toHex(signed.record), signature: toHex(signed.signature) };
}

function mapHex(of: Readonly<Record<string, Bytes>>): Hex {
  return Object.fromEntries(Object.entries(of).map(([name, bytes]) => [name, toHex(bytes)]));
}

function mapBytes(of: Hex): Record<string, Bytes> {
  return Object.fromEntries(Object.entries(of).map(([name, digits]) => [name, hex(digits)]));
}

function taken(refusal: string | null): void {
  if (refusal !== null) throw new Error(refusal);
}
