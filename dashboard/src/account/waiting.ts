import type { Client } from '../api/client';
import { Problem } from '../api/problem';
import { isWireId } from '../crypto';
import { claim } from './joining';
import type { Keys } from './keystore';

/** The broker knows whose member somebody is once he is one: who asked to be let in says it when he is, from the browser in which he asked. */
export function noteWaiting(userId: string, meshId: string): void {
  keep(userId, [...new Set([...waiting(userId), meshId])]);
}

/** Claims where the person was let in since. @returns Whether he is in a workspace that was not in his list. */
export async function claimAdmitted(broker: Client, keys: Keys & { readonly account: NonNullable<Keys['account']> }): Promise<boolean> {
  const { userId } = keys;
  const before = waiting(userId);
  const still: string[] = [];
  for (const meshId of before) {
    const member = keys.account.secret.deriveMember(userId, meshId);
    try {
      await claim(broker, member, userId, meshId);
    } catch (error) {
      // Not let in yet, or the broker is away: it is asked for again when the page is opened next.
      if (!(error instanceof Problem)) throw error;
      still.push(meshId);
    } finally {
      member.wipe();
    }
  }
  keep(userId, still);
  return still.length < before.length;
}

function waiting(userId: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(place(userId)) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isWireId) : [];
  } catch {
    return [];
  }
}

function keep(userId: string, meshIds: readonly string[]): void {
  try {
    if (meshIds.length === 0) localStorage.removeItem(place(userId));
    else localStorage.setItem(place(userId), JSON.stringify(meshIds));
  } catch {
    // A browser that keeps nothing has no keys to claim with either.
  }
}

function place(userId: string): string {
  return `claudemesh/waiting/${userId}`;
}
