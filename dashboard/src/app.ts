import { computed, signal } from '@preact/signals';
import { Client, type Reply } from './api/client';
import { Problem } from './api/problem';

/** What the broker says of itself and of this browser; null until it has answered. */
export const state = signal<Reply<'GET /api/auth/state'> | null>(null);

export const account = computed(() => state.value?.account ?? null);

/** A question whether it is really the person who signed in. */
export interface FreshQuestion {
  answer(proved: boolean): void;
}

export const freshQuestion = signal<FreshQuestion | null>(null);

export const broker = new Client({
  csrf: () => state.value?.csrf ?? null,
  refresh: () =>
    (refreshing ??= refreshOnce().finally(() => {
      refreshing = null;
    })),
  isFresh: () => freshUntil > Date.now(),
  confirm: () =>
    new Promise((resolve) => {
      freshQuestion.value = {
        answer: (proved) => {
          freshQuestion.value = null;
          resolve(proved);
        },
      };
    }),
});

/** Of the last proof, in ms since 1970. A page that was opened anew does not know it and asks. */
let freshUntil = 0;

let refreshing: Promise<boolean> | null = null;
const refreshedKey = 'claudemesh/refreshed';

/**
 * A refresh token is good once, and using it twice ends the session: so one page of this browser refreshes at a time, and the others, which share its
 * cookies, see that it was done.
 */
async function refreshOnce(): Promise<boolean> {
  const asked = Date.now();
  const inTurn = async () => {
    if (lastRefresh() >= asked) return true;
    try {
      signedIn(await broker.call('POST /api/auth/refresh'));
      noteRefresh();
      return true;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) signedOut();
      return false;
    }
  };
  return navigator.locks ? navigator.locks.request('claudemesh-refresh', inTurn) : inTurn();
}

function lastRefresh(): number {
  try {
    return Number(localStorage.getItem(refreshedKey) ?? 0);
  } catch {
    return 0;
  }
}

function noteRefresh(): void {
  try {
    localStorage.setItem(refreshedKey, String(Date.now()));
  } catch {
    // A browser without storage has no second page that shares it either.
  }
}

/** Asks how things are. A browser whose access token is over has its refresh token still. */
export async function load(): Promise<void> {
  const answer = await broker.call('GET /api/auth/state');
  state.value = answer;
  if (!answer.account && !answer.needsSetup && lastRefresh() > 0) {
    await refreshOnce();
  }
}

export function proved(until: string): void {
  freshUntil = Date.parse(until);
}

type Account = NonNullable<Reply<'GET /api/auth/state'>['account']>;

/** What every way in ends with; a step that ends half way has neither account nor token. */
export function signedIn(answer: { account?: Account | undefined; csrf?: string | undefined; freshUntil?: string | undefined }): void {
  if (state.value === null || !answer.account || !answer.csrf)
    throw new Problem('unreadable', 'The broker answered with something that this page cannot read. Load the page again.', 0);
  if (answer.freshUntil) proved(answer.freshUntil);
  state.value = { ...state.value, needsSetup: false, account: answer.account, csrf: answer.csrf };
  noteRefresh();
}

export function signedOut(): void {
  if (state.value === null) return;
  const { account: _, csrf: __, ...rest } = state.value;
  state.value = rest;
  try {
    localStorage.removeItem(refreshedKey);
  } catch {
    // There was nothing kept.
  }
}
