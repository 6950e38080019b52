import type { Problem as ProblemRecord } from './types';

/** A refusal of the broker, or that none came: a text to show, and a code to go by. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    /** What, why and what to do, for people. */
    override readonly message: string,
    /** The HTTP status; 0 where there was no answer. */
    readonly status: number,
    /** Seconds until it is worth trying again, where the broker said so. */
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.name = 'Problem';
  }

  is(...codes: readonly string[]): boolean {
    return codes.includes(this.code);
  }
}

export const unreachable = () => new Problem('unreachable', 'The broker does not answer. Look whether you are online, and try again.', 0);

/** Reads what came in place of an answer; a proxy's page in place of the broker's is told as that. */
export async function problemOf(response: Response): Promise<Problem> {
  const wait = Number(response.headers.get('Retry-After') ?? Number.NaN);
  const retryAfter = Number.isFinite(wait) && wait > 0 ? wait : null;
  const record = await recordOf(response);
  if (record === null) {
    return new Problem(
      'unreadable',
      `The broker answered ${response.status} with nothing that this page can read. Try again; if it stays, tell who runs it.`,
      response.status,
      retryAfter,
    );
  }

  const wanted = retryAfter === null ? '' : ` (${spoken(retryAfter)})`;
  return new Problem(record.code, record.detail.replace(/\.$/, `${wanted}.`), response.status, retryAfter);
}

/** Problem details, or OAuth's form of them (RFC 6749 5.2). */
async function recordOf(response: Response): Promise<Pick<ProblemRecord, 'code' | 'detail'> | null> {
  try {
    const record: unknown = await response.json();
    if (typeof record === 'object' && record !== null && 'error' in record && typeof record.error === 'string' && !('code' in record)) {
      return { code: record.error, detail: 'error_description' in record ? String(record.error_description) : `The broker refused it (${record.error}).` };
    }
    return typeof record === 'object' && record !== null && 'code' in record && 'detail' in record && typeof record.detail === 'string'
      ? (record as ProblemRecord)
      : null;
  } catch {
    return null;
  }
}

function spoken(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}

/** The text of whatever was thrown, for people. */
export function textOf(error: unknown): string {
  if (error instanceof Problem) return error.message;
  if (error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError')) {
    return 'Nothing was chosen, or it took too long. Try again.';
  }
  return error instanceof Error && error.message ? error.message : 'Something went wrong in this page. Load it again.';
}
