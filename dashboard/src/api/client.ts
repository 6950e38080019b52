import { Problem, problemOf, unreachable } from './problem';
import type { Routes } from './types';

export type Route = keyof Routes;
export type Reply<R extends Route> = Routes[R]['reply'];

type Part<Name extends string, Value> = [Value] extends [null] ? { [name in Name]?: null } : { [name in Name]: Value };
export type Ask<R extends Route> = Part<'path', Routes[R]['path']> &
  Part<'body', Routes[R]['body']> & { query?: Routes[R]['query']; workspace?: string; signal?: AbortSignal };
type Rest<R extends Route> = Record<string, never> extends Ask<R> ? [ask?: Ask<R>] : [ask: Ask<R>];

/** The signed-in browser, as far as a call needs it. */
export interface Session {
  /** Sent with whatever changes something; null where nobody is signed in. */
  csrf(): string | null;
  /** Another access token for the refresh cookie. False: there is nobody signed in any more. */
  refresh(): Promise<boolean>;
  /** Whether the last proof still counts. */
  isFresh(): boolean;
  /** Proves again who one is, where the broker asks for it. False: the person did not want to. */
  confirm(): Promise<boolean>;
}

/** Calls the broker. Whatever is not an answer is thrown as a {@link Problem}. */
export class Client {
  constructor(
    private readonly session: Session,
    private readonly fetch: typeof globalThis.fetch = (...all) => globalThis.fetch(...all),
  ) {}

  /** An expired token is renewed once and a proof asked for once; then the refusal stands. */
  async call<R extends Route>(route: R, ...[ask]: Rest<R>): Promise<Reply<R>> {
    const request = { path: null, query: null, body: null, ...ask } as LooseAsk;
    let answer = await this.send(route, request);
    if (answer instanceof Problem && isOver(answer) && !isRefresh(route) && this.session.csrf() !== null && (await this.session.refresh())) {
      answer = await this.send(route, request);
    }
    if (answer instanceof Problem && answer.is('fresh_authentication_required') && (await this.session.confirm())) {
      answer = await this.send(route, request);
    }
    if (answer instanceof Problem) throw answer;
    return (await bodyOf(answer)) as Reply<R>;
  }

  /** Asks the person for a fresh proof before something that would be refused without. */
  confirm(): Promise<boolean> {
    return this.session.confirm();
  }

  /** Whether the last proof still counts. */
  isFresh(): boolean {
    return this.session.isFresh();
  }

  /** The answer, or the refusal that came in its place. */
  private async send(route: string, ask: LooseAsk): Promise<Response | Problem> {
    const [method, template] = route.split(' ') as [string, string];
    const headers = new Headers({ Accept: 'application/json' });
    const csrf = this.session.csrf();
    if (method !== 'GET' && csrf !== null) headers.set('X-CSRF-Token', csrf);
    if (ask.workspace) headers.set('X-Workspace', ask.workspace);
    if (ask.body !== null) headers.set('Content-Type', isForm(template) ? 'application/x-www-form-urlencoded' : 'application/json');
    try {
      const response = await this.fetch(addressOf(template, ask), {
        method,
        headers,
        body: ask.body === null ? null : isForm(template) ? String(new URLSearchParams(ask.body as Record<string, string>)) : JSON.stringify(ask.body),
        credentials: 'same-origin',
        cache: 'no-store',
        redirect: 'error',
        ...(ask.signal ? { signal: ask.signal } : {}),
      });
      return response.ok ? response : await problemOf(response);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw unreachable();
    }
  }
}

interface LooseAsk {
  path: Record<string, string> | null;
  query: Record<string, string | number | boolean | undefined> | null;
  body: unknown;
  workspace?: string;
  signal?: AbortSignal;
}

/** OAuth's own routes take forms (RFC 6749). */
function isForm(path: string): boolean {
  return path.startsWith('/oauth/');
}

/** The access token, or its session. A wrong password is refused with 401 as well, and is no reason to ask for another token. */
function isOver(problem: Problem): boolean {
  return problem.is('token_invalid', 'sign_in_required');
}

function isRefresh(route: string): boolean {
  return route === 'POST /api/auth/refresh';
}

/** Puts each value in its place, escaped: an id that the broker or a link made up cannot lead to another path. */
export function addressOf(template: string, ask: Pick<LooseAsk, 'path' | 'query'>): string {
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = ask.path?.[name] ?? '';
    if (value === '' || value === '.' || value === '..') throw new Problem('invalid_args', `The ${name} is missing.`, 0);
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(ask.query ?? {})) if (value !== undefined) query.set(name, String(value));
  return query.size > 0 ? `${path}?${query}` : path;
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('unreadable', 'The broker answered with something that this page cannot read. Load the page again.', response.status);
  }
}
