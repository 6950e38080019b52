import type { Client, Reply } from '../api/client';
import { Problem } from '../api/problem';
import {
  checkInvite,
  digestOf,
  draftJoin,
  HeldLog,
  type InvitePackage,
  type InviteSecret,
  isWireId,
  joinPossessionText,
  LogDraft,
  type LogRefusal,
  type MemberKey,
  meshScope,
  newId,
  openPackage,
  RootKey,
  type SignedRecord,
  sealCopy,
  sha256,
  toBase64,
  utf8,
} from '../crypto';
import { fromBase64, publicKey } from './bytes';
import { claim, noteWaiting } from './claiming';
import type { Keys } from './keystore';

const attemptsMax = 16;
const pagesMax = 1024;

/** An invite as its link and the broker together tell it. */
export interface Invited {
  readonly inviteId: string;
  readonly info: Reply<'GET /api/v1/invites/{id}'>;
  /** What the inviter said past the broker; null without the link's secret: then nothing of it is proved, and who joins waits to be let in. */
  readonly sealed: { readonly secret: InviteSecret; readonly package: InvitePackage } | null;
}

/** Looks at an invite. With its secret only the workspace that the inviter meant is shown. */
export async function lookAt(broker: Client, inviteId: string, secret: InviteSecret | null): Promise<Invited> {
  const info = await broker.call('GET /api/v1/invites/{id}', { path: { id: inviteId } });
  if (info.inviteId !== inviteId || !isWireId(info.meshId)) throw altered();
  if (secret === null) return { inviteId, info, sealed: null };

  const opened = info.package ? openPackage(secret, inviteId, fromBase64(info.package)) : null;
  if (opened === null || opened.meshId !== info.meshId) throw altered();
  return { inviteId, info, sealed: { secret, package: opened } };
}

/** Joins as the member that the account is in this workspace, on every machine, and tells the broker whose member it is. */
export async function join(broker: Client, keys: Keys & { readonly account: NonNullable<Keys['account']> }, invited: Invited, displayName: string) {
  const member = keys.account.secret.deriveMember(keys.userId, invited.info.meshId);
  try {
    await notTwice(broker, member, invited.info.meshId);
    const joined = invited.sealed ? await joinByLog(broker, member, invited, invited.sealed, displayName) : await wait(broker, member, invited, displayName);
    if (joined.waiting) noteWaiting(keys.userId, invited.info.meshId);
    else await claim(broker, member, keys.userId, invited.info.meshId);
    return joined;
  } finally {
    member.wipe();
  }
}

/** One person is one member: who joined from a machine before it was logged in has another key there, and moves that one. */
async function notTwice(broker: Client, member: MemberKey, meshId: string): Promise<void> {
  const { meshes } = await broker.call('GET /api/my/meshes');
  const there = meshes.find((mesh) => mesh.id === meshId);
  if (there && there.memberPub !== member.public) {
    throw new Problem(
      'already_member',
      `You are in ${there.name} already, under another key. Run claudemesh migrate-identity on the machine that joined, and you are the same member here.`,
      0,
    );
  }
}

interface Joined {
  readonly slug: string;
  readonly name: string;
  readonly waiting: boolean;
}

async function joinByLog(broker: Client, member: MemberKey, invited: Invited, sealed: NonNullable<Invited['sealed']>, displayName: string): Promise<Joined> {
  const { info, inviteId } = invited;
  const log = new HeldLog(info.meshId, meshScope, sealed.package.pin);
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    await readOn(broker, inviteId, log);
    if (checkInvite(log, sealed.package, sealed.secret, inviteId) !== null) throw altered();
    if (log.state.is.members.get(member.public)) return { slug: info.slug, name: info.name, waiting: false };

    const draft = new LogDraft(log.state, member, Date.now());
    const refusal = draftJoin(draft, sealed.secret, inviteId, newId());
    if (refusal !== null) throw refused(refusal);
    const copy = ownCopy(info, sealed.secret, inviteId, log, member);
    try {
      return await post(broker, member, invited, displayName, { records: [wire(draft.records[0]!.signed)], ...(copy ? { copies: [copy] } : {}) });
    } catch (error) {
      // Somebody else's record came first: read it, and sign what follows it.
      if (!(error instanceof Problem) || !error.is('log_moved')) throw error;
    }
  }
  throw new Problem('busy', 'The workspace changes faster than this browser can follow. Try again in a moment.', 0);
}

function wait(broker: Client, member: MemberKey, invited: Invited, displayName: string): Promise<Joined> {
  return post(broker, member, invited, displayName, {});
}

async function readOn(broker: Client, inviteId: string, log: HeldLog): Promise<void> {
  for (let page = 0; page < pagesMax && log.fork === null; page++) {
    const found = await broker.call('GET /api/v1/invites/{id}/log', { path: { id: inviteId }, query: { after: log.state.is.head.seq } });
    const reading = log.read(found.records.map(read));
    if (log.state.is.head.seq >= found.seq || reading !== 'extended') return;
  }
}

/** The root as the invite has it, sealed to the joiner himself: so he reads at once with nobody else online. */
function ownCopy(info: Invited['info'], secret: InviteSecret, inviteId: string, log: HeldLog, member: MemberKey) {
  const reference = info.copy && log.state.findRoot(info.copy.epoch);
  if (!info.copy || !reference) return null;

  const inviteKey = secret.deriveKey(inviteId);
  const root = RootKey.tryOpenCopy(inviteKey, fromBase64(info.copy.copy), info.meshId, reference);
  inviteKey.wipe();
  if (root === null) return null;
  const sealed = sealCopy(root, member.public);
  root.wipe();
  return { epoch: info.copy.epoch, recipient: publicKey(sealed.recipient), copy: toBase64(sealed.copy) };
}

function post(
  broker: Client,
  member: MemberKey,
  invited: Invited,
  displayName: string,
  more: { records?: { record: string; signature: string }[]; copies?: { epoch: number; recipient: string; copy: string }[] },
): Promise<Joined> {
  const joinedAt = Date.now();
  const possession = member.sign(joinPossessionText(invited.info.meshId, digestOf(sha256(utf8(invited.inviteId))), member.public, joinedAt));
  return broker.call('POST /api/v1/join', {
    body: { inviteId: invited.inviteId, pubkey: member.public, displayName, joinedAt, possession: toBase64(possession), ...more },
  });
}

function wire(signed: SignedRecord): { record: string; signature: string } {
  return { record: toBase64(signed.record), signature: toBase64(signed.signature) };
}

function read(record: { record: string; signature: string }): SignedRecord {
  return { record: fromBase64(record.record), signature: fromBase64(record.signature) };
}

function altered(): Problem {
  return new Problem(
    'invite_altered',
    'The broker shows another workspace than the one that you were invited to, or the link was not copied whole. Do not join; ask for a new link.',
    0,
  );
}

function refused(refusal: LogRefusal): Problem {
  return new Problem('invite_over', `The invite cannot be used any more (${refusal}). Ask for a new one.`, 0);
}
