// keys.md 5: members = SHA-256 of the recipients' public keys, 32 bytes each, sorted ascending, concatenated.

import { digest } from '../hashing';
import { bytesOf, type Digest, isScope, isWireId, meshScope, noDigest, type PublicKey, topicScope } from '../ids';
import type { MessageHeader } from '../messages/header';
import type { ObjectHeader } from '../messages/object';
import type { MessageRefusal } from '../messages/refusal';
import { type RootReference, sameRoot } from '../root';
import type { EpochBody, LogRole, MemberKind } from './body';
import { type LogHead, type LogRecord, noHead } from './record';
import type { LogRefusal } from './refusal';
import { judge } from './rules';

/** How far a clock may be ahead of ours. */
export const clockAheadMax = 5 * 60_000;

export interface LogMember {
  /** The broker's row; one key's for ever, and then its successors'. */
  readonly memberId: string;
  readonly role: LogRole;
  readonly kind: MemberKind;
}

/** A time as a member, both ends included; null ends are open. */
export interface Stay {
  readonly fromEpoch: number;
  readonly fromAt: number;
  readonly untilEpoch: number | null;
  readonly untilAt: number | null;
}

/** What the log has said of one key. */
export interface KeyPast {
  readonly memberId: string;
  /** When it was a member, oldest first. */
  readonly stays: readonly Stay[];
  /** Every key that ever took its place by its own signature. It only grows, so a topic can be judged by it at any time. */
  readonly followers: ReadonlySet<PublicKey>;
  /** The one of them that has its place now; null while it is a member itself, and after a removal. */
  readonly successor: PublicKey | null;
  /** It was removed, or given up as compromised, at some time. */
  readonly wasLost: boolean;
}

export interface LogInvite {
  readonly key: PublicKey;
  readonly role: LogRole;
  readonly usesMax: number;
  readonly uses: number;
  readonly expiresAt: number;
  /** Revoked, or ended by a removal. */
  readonly ended: boolean;
}

export function isOpenAt(invite: LogInvite, at: number): boolean {
  return !invite.ended && invite.uses < invite.usesMax && at < invite.expiresAt;
}

/** What a {@link Membership} is made of. */
export interface MembershipState {
  readonly meshId: string;
  /** `mesh` or `topic/<topic_id>`. */
  readonly scope: string;
  readonly head: LogHead;
  /** The hash of the first record: what an invite names, and what the workspace is known by for ever. Zeros before it. */
  readonly pin: Digest;
  readonly members: ReadonlyMap<PublicKey, LogMember>;
  /** Every key that ever was a member, with what became of it. */
  readonly keys: ReadonlyMap<PublicKey, KeyPast>;
  readonly invites: ReadonlyMap<string, LogInvite>;
  /** The epochs from 1 on: number n at place n − 1. */
  readonly epochs: readonly EpochBody[];
  readonly encryptionRequired: boolean;
  readonly memberIds: ReadonlySet<string>;
  /** What was said of single topics, by their ids. */
  readonly plainTopics: ReadonlyMap<string, boolean>;
  /** A removal, a revoked invite or a compromised key came after the last epoch. */
  readonly rotationOwed: boolean;
}

/**
 * What the log of one scope says at one head: who is a member, who may do what, which root is current. A value: broker and clients make
 * the same one from the same records, with {@link Membership.apply} and nothing else.
 */
export class Membership {
  constructor(readonly is: MembershipState) {}

  /** The log before its first record. */
  static empty(meshId: string, scope: string): Membership {
    if (!isWireId(meshId)) throw new RangeError('An id is 1 to 64 letters, digits, - or _.');
    if (!isScope(scope)) throw new RangeError('A scope is mesh or topic/<topic_id>.');
    return new Membership({
      meshId,
      scope,
      head: noHead,
      pin: noDigest,
      members: new Map(),
      keys: new Map(),
      invites: new Map(),
      epochs: [],
      encryptionRequired: false,
      memberIds: new Set(),
      plainTopics: new Map(),
      rotationOwed: false,
    });
  }

  get isTopic(): boolean {
    return this.is.scope !== meshScope;
  }

  /** The current epoch; 0 before the first. */
  get epoch(): number {
    return this.is.epochs.length;
  }

  with(changes: Partial<MembershipState>): Membership {
    return new Membership({ ...this.is, ...changes });
  }

  /**
   * What the log says after this record, or why it may not follow. A topic's log is judged by what its workspace's log (`mesh`) has ever
   * said, so a record that was once good stays good.
   * @throws RangeError when a topic's log is judged without its workspace's.
   */
  apply(record: LogRecord, mesh?: Membership): Membership | LogRefusal {
    const misplaced = this.checkPlace(record);
    if (misplaced !== null) return misplaced;
    const next = judge(this, record, this.topicView(mesh));
    return typeof next === 'string' ? next : next.with({ head: { seq: record.seq, hash: record.hash, at: record.at } });
  }

  /** What an append must keep besides {@link apply}, and only while it is new: in a topic, that author and admitted key are in the workspace. */
  checkNow(record: LogRecord, mesh?: Membership): LogRefusal | null {
    const view = this.topicView(mesh);
    if (view === null) return null;
    const { body } = record;
    const author = body.type === 'key' ? body.newKey : record.author;
    const inWorkspace = view.is.members.has(author) && (body.type !== 'admit' || view.is.members.has(body.key));
    return inWorkspace ? null : 'NotInWorkspace';
  }

  /** Whether nothing more may be written under the current root. Whoever wants to send rotates first. */
  isRotationDue(mesh?: Membership): boolean {
    return this.is.rotationOwed || this.epoch === 0 || this.gone(mesh).length > 0;
  }

  /** The members of a topic that the workspace has lost. They leave the topic's log before its next epoch. */
  gone(mesh?: Membership): PublicKey[] {
    const view = this.topicView(mesh);
    return view === null ? [] : [...this.is.members.keys()].filter((key) => view.isLost(key)).sort();
  }

  /** The keys that a root made at this time is sealed to: members and open invites, ascending. */
  recipientsAt(at: number): PublicKey[] {
    const invites = [...this.is.invites.values()].filter((invite) => isOpenAt(invite, at)).map((invite) => invite.key);
    return [...new Set([...this.is.members.keys(), ...invites])].sort();
  }

  static hashOf(recipients: readonly PublicKey[]): Digest {
    return digest(...recipients.map(bytesOf));
  }

  /** The public side of an epoch's root; null for an epoch that the log does not have. */
  findRoot(epoch: number): RootReference | null {
    const announced = this.is.epochs[epoch - 1];
    return announced === undefined ? null : { scope: this.is.scope, epoch, rootId: announced.rootId };
  }

  /** Whether the topic takes bodies that the broker can read. */
  takesPlain(topicId: string): boolean {
    return this.is.plainTopics.get(topicId) ?? !this.is.encryptionRequired;
  }

  wasMemberIn(key: PublicKey, epoch: number): boolean {
    const stays = this.is.keys.get(key)?.stays ?? [];
    return stays.some((stay) => stay.fromEpoch <= epoch && !(stay.untilEpoch !== null && stay.untilEpoch < epoch));
  }

  /** By the clocks of those who wrote: whoever let the member in may have been 5 minutes ahead of it. */
  wasMemberAt(key: PublicKey, at: number): boolean {
    const stays = this.is.keys.get(key)?.stays ?? [];
    return stays.some((stay) => stay.fromAt - clockAheadMax <= at && !(stay.untilAt !== null && stay.untilAt < at));
  }

  /**
   * The key that a pinned one has become by signed changes: the pin moves there, and what was verified is so no more. Null when its member
   * is gone. A member under any other key is somebody else, whatever a broker says.
   */
  follow(pinned: PublicKey): PublicKey | null {
    let key = pinned;
    for (let next = this.is.keys.get(key)?.successor; next != null; next = this.is.keys.get(key)?.successor) key = next;
    return this.is.members.has(key) ? key : null;
  }

  /**
   * Whether one key took the place of another at any time, directly or by those between. What is true once stays so: a topic that missed some of the
   * changes follows them at once.
   */
  hasBecome(earlier: PublicKey, later: PublicKey): boolean {
    const seen = new Set<PublicKey>();
    const open = [earlier];
    for (let key = open.pop(); key !== undefined; key = open.pop()) {
      for (const follower of this.is.keys.get(key)?.followers ?? []) {
        if (follower === later) return true;
        if (!seen.has(follower)) {
          seen.add(follower);
          open.push(follower);
        }
      }
    }
    return false;
  }

  /** Whether a direct message to this key may be the `crypto_box` of 1.x: the log calls it legacy, or has never had it. */
  isLegacy(key: PublicKey): boolean {
    const member = this.is.members.get(key);
    return member === undefined ? !this.is.keys.has(key) : member.kind === 'legacy';
  }

  /** No member any more, by removal or because the key is in other hands. A key that moved is still its member's. */
  isLost(key: PublicKey): boolean {
    return !this.is.members.has(key) && this.is.keys.get(key)?.wasLost === true;
  }

  /** The checks of a message that only the log can make; null when it passes. */
  checkMessage(header: MessageHeader): MessageRefusal | null {
    if (header.meshId !== this.is.meshId) return 'FrameMismatch';
    if (header.root === null) {
      return !this.isTopic && this.wasMemberAt(header.senderMember, header.sentAt) ? null : 'NotAMember';
    }
    const here = header.target.kind === 'topic' && this.isTopic ? this.is.scope === topicScope(header.target.id) : !this.isTopic;
    if (!here || !sameRoot(header.root, this.findRoot(header.root.epoch))) return 'WrongRoot';
    return this.wasMemberIn(header.senderMember, header.root.epoch) ? null : 'NotAMember';
  }

  checkObject(header: ObjectHeader): MessageRefusal | null {
    if (header.meshId !== this.is.meshId) return 'FrameMismatch';
    if (this.isTopic || this.findRoot(header.epoch)?.rootId !== header.rootId) return 'WrongRoot';
    return this.wasMemberIn(header.author, header.epoch) ? null : 'NotAMember';
  }

  private checkPlace(record: LogRecord): LogRefusal | null {
    const { meshId, scope, head } = this.is;
    if (record.meshId !== meshId || record.scope !== scope) return 'WrongScope';
    if (record.seq !== head.seq + 1 || record.previous !== head.hash) return 'NotNext';
    if (record.at < head.at) return 'TimeFell';
    return (record.body.type === 'genesis') === (record.seq === 1) ? null : 'NotGenesis';
  }

  private topicView(mesh?: Membership): Membership | null {
    if (!this.isTopic) return null;
    if (mesh === undefined || mesh.isTopic || mesh.is.meshId !== this.is.meshId) {
      throw new RangeError('The log of a topic is judged by the log of its workspace.');
    }
    return mesh;
  }
}
