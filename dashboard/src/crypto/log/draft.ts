import type { MemberKey } from '../member';
import type { LogBody } from './body';
import type { Membership } from './membership';
import { type LogRecord, signRecord } from './record';
import type { LogRefusal } from './refusal';
import { keyProofText } from './rules';

/**
 * Writes records of one author onto a head, each judged as its readers will judge it. What is drafted together is appended together: the
 * broker takes all or, when its head is another one, nothing, and the author reads on and drafts anew.
 */
export class LogDraft {
  readonly records: LogRecord[] = [];
  private current: Membership;

  /**
   * @param on What the log says now.
   * @param now Milliseconds since 1970. Where the log is ahead of this clock, its time counts: a log's time never falls.
   * @param mesh The workspace's own log where `on` is a topic's.
   */
  constructor(on: Membership, readonly author: MemberKey, private readonly now: number, readonly mesh?: Membership) {
    this.current = on;
  }

  /** What the log will say when the draft is appended. */
  get state(): Membership {
    return this.current;
  }

  /** The time that the next record will have. */
  get at(): number {
    return Math.max(this.now, this.current.is.head.at);
  }

  /** Adds a record, or says why nobody would take it. @throws RangeError for a value of the body that has no encoding. */
  add(body: LogBody): LogRefusal | null {
    const { meshId, scope, head } = this.current.is;
    const record = signRecord(this.author, meshId, scope, head, this.at, body);
    const refusal = this.current.checkNow(record, this.mesh);
    if (refusal !== null) return refusal;
    const next = this.current.apply(record, this.mesh);
    if (typeof next === 'string') return next;
    this.current = next;
    this.records.push(record);
    return null;
  }

  /** The author's member goes on under `newKey`. Nothing more can be added with the old one. */
  addKeyChange(newKey: MemberKey, reason: 'migrate' | 'compromise'): LogRefusal | null {
    const newSignature = newKey.sign(keyProofText(this.current.is.meshId, this.author.public, newKey.public));
    return this.add({ type: 'key', newKey: newKey.public, newSignature, reason });
  }
}
