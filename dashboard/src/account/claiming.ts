import type { Client } from '../api/client';
import { Problem } from '../api/problem';
import { isWireId, type MemberKey, memberClaimText, toBase64 } from '../crypto';
import type { Keys } from './keystore';

const key = 'claudemesh/waiting';
const countMax = 50;

interface Waiting {
  readonly userId: string;
  readonly meshId: string;
}

/** Proves to the broker that a member is this account's. Saying it again is harmless. */
export async function claim(broker: Client, member: MemberKey, userId: string, meshId: string): Promise<void> {
  const at = Date.now();
  const proof = toBase64(member.sign(memberClaimText(meshId, userId, member.public, at)));
  await broker.call('PUT /api/my/meshes/{id}', { path: { id: meshId }, body: { memberPub: member.public, at, proof } });
}

/** Remembers that an account asked to join: it is a member only once an admin has let it in, and says then that the member is its own. */
export function noteWaiting(userId: string, meshId: string): void {
  write([...read().filter((one) => one.userId !== userId || one.meshId !== meshId), { userId, meshId }].slice(-countMax));
}

/**
 * Says it wherever somebody was let in meanwhile. What is refused for good is forgotten.
 * @returns Whether he is in a workspace that was not in his list.
 */
export async function claimAdmitted(broker: Client, keys: Keys & { readonly account: NonNullable<Keys['account']> }): Promise<boolean> {
  let isNew = false;
  for (const { meshId } of read().filter((one) => one.userId === keys.userId)) {
    const member = keys.account.secret.deriveMember(keys.userId, meshId);
    try {
      await claim(broker, member, keys.userId, meshId);
      forget(keys.userId, meshId);
      isNew = true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.is('member_removed', 'already_member', 'not_your_workspace')) forget(keys.userId, meshId);
    } finally {
      member.wipe();
    }
  }
  return isNew;
}

function forget(userId: string, meshId: string): void {
  write(read().filter((one) => one.userId !== userId || one.meshId !== meshId));
}

function read(): Waiting[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(stored) ? stored.filter((one) => isWireId(one?.userId) && isWireId(one?.meshId)) : [];
  } catch {
    return [];
  }
}

function write(all: readonly Waiting[]): void {
  try {
    if (all.length === 0) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(all));
  } catch {
    // A browser without storage asks its person to say it elsewhere.
  }
}
