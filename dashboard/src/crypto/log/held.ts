import { type Digest, noDigest } from '../ids';
import { Membership } from './membership';
import { type LogRecord, type SignedRecord, readKeptRecord, readRecord } from './record';
import type { LogRefusal } from './refusal';

/** What a page of records was. `gap`: it begins after the place where ours ends. `needs-workspace`: read the workspace's log on, then this. */
export type LogReading = 'known' | 'extended' | 'gap' | 'needs-workspace' | 'forked';

/** How another head stands to ours. `differs`: ask for the record that stands there, and read it. */
export type LogDistance = 'same' | 'other-is-ahead' | 'other-is-behind' | 'differs';

/** Where a log was forked, why the other record is not taken, and that record as proof. */
export interface LogFork {
  readonly seq: number;
  readonly refusal: LogRefusal;
  readonly shown: SignedRecord;
}

/**
 * The log as one client holds it: it takes what extends its head and nothing else. Another record at a known place, or one that breaks a
 * rule, is a fork; the client keeps what it had, takes nothing more, and sends nothing in the scope.
 */
export class HeldLog {
  private readonly held: LogRecord[] = [];
  private current: Membership;
  private forked: LogFork | null = null;

  /** @param pin From the invite or the vault; null when this client makes the workspace itself or trusts the first record. */
  constructor(meshId: string, scope: string, private readonly pin: Digest | null) {
    this.current = Membership.empty(meshId, scope);
  }

  get state(): Membership {
    return this.current;
  }

  get records(): readonly LogRecord[] {
    return this.held;
  }

  /** What the broker showed instead of the log, once it did. It stays: only a person decides what to believe then. */
  get fork(): LogFork | null {
    return this.forked;
  }

  /** Takes records in their order; those that are held already are compared, so pages may overlap. */
  read(page: Iterable<SignedRecord>, mesh?: Membership): LogReading {
    return this.takeAll(page, readRecord, mesh);
  }

  /** Takes what this client has read before and kept: judged by the rules again, but not by the signatures. */
  restore(kept: Iterable<SignedRecord>, mesh?: Membership): LogReading {
    return this.takeAll(kept, readKeptRecord, mesh);
  }

  /**
   * Compares with the head that a broker or another client names. A broker that ends before our head was restored from a backup and is not
   * believed: what is {@link after} its head are the records that it lacks. Changes nothing: only the other record itself proves a fork.
   */
  compare(other: { readonly seq: number; readonly hash: Digest }): LogDistance {
    const { head } = this.current.is;
    if (other.seq > head.seq) return 'other-is-ahead';
    if (other.hash !== this.hashAt(other.seq)) return 'differs';
    return other.seq === head.seq ? 'same' : 'other-is-behind';
  }

  /** The records after a place, oldest first. */
  after(seq: number): SignedRecord[] {
    return this.held.slice(seq).map((record) => record.signed);
  }

  /** The hash of a record; zeros at 0, and before the log has that many. */
  hashAt(seq: number): Digest {
    return this.held[seq - 1]?.hash ?? noDigest;
  }

  private takeAll(page: Iterable<SignedRecord>, readOne: (signed: SignedRecord) => LogRecord | LogRefusal, mesh?: Membership): LogReading {
    if (this.forked !== null) return 'forked';
    let reading: LogReading = 'known';
    for (const signed of page) {
      const record = readOne(signed);
      const taken = typeof record === 'string' ? record : this.take(record, mesh);
      if (taken === 'NotInWorkspace') return 'needs-workspace';
      if (taken === 'gap') return 'gap';
      if (taken === 'extended') reading = 'extended';
      else if (taken !== 'known') {
        const seq = typeof record === 'string' ? this.current.is.head.seq + 1 : record.seq;
        this.forked = { seq, refusal: taken, shown: signed };
        return 'forked';
      }
    }
    return reading;
  }

  private take(record: LogRecord, mesh?: Membership): 'known' | 'extended' | 'gap' | LogRefusal {
    const { head } = this.current.is;
    if (record.seq <= head.seq) return record.hash === this.hashAt(record.seq) ? 'known' : 'NotNext';
    if (record.seq > head.seq + 1) return 'gap';
    if (record.seq === 1 && this.pin !== null && record.hash !== this.pin) return 'WrongPin';

    const next = this.current.apply(record, mesh);
    if (typeof next === 'string') return next;
    this.current = next;
    this.held.push(record);
    return 'extended';
  }
}
