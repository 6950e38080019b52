import { isAcceptable, verify } from '../ed25519';
import { type PublicKey, topicScope } from '../ids';
import { joinProofText } from '../invite';
import { encode, field } from '../text';
import type { AdmitBody, EpochBody, GenesisBody, InviteBody, JoinBody, KeyChangeBody, LogRole, PolicyBody, RemoveBody, RoleBody } from './body';
import { isOpenAt, type KeyPast, type LogMember, Membership, type Stay } from './membership';
import type { LogRecord } from './record';
import type { LogRefusal } from './refusal';

type Verdict = Membership | LogRefusal;

/**
 * The rules of keys.md 4, one function for each type of record. In a workspace's log the owner and admins act; in a topic's log its leads
 * do, and whatever they say must be true of the workspace (`mesh`) too.
 */
export function judge(now: Membership, record: LogRecord, mesh: Membership | null): Verdict {
  return new Rules(now, record, mesh).judge();
}

/** Signed by the new key of a key change. */
export function keyProofText(meshId: string, oldKey: PublicKey, newKey: PublicKey): Uint8Array {
  return encode('claudemesh/key-proof/1', field.id(meshId), field.key(oldKey), field.key(newKey));
}

class Rules {
  constructor(
    private readonly now: Membership,
    private readonly record: LogRecord,
    private readonly mesh: Membership | null,
  ) {}

  judge(): Verdict {
    const { body, author: key } = this.record;
    if (body.type === 'genesis') return this.begin(body);
    if (body.type === 'join') return this.join(body);
    const author = this.now.is.members.get(key);
    if (author === undefined) return 'NotMember';

    switch (body.type) {
      case 'policy': return this.setPolicy(author, body);
      case 'invite': return this.openInvite(author, body);
      case 'uninvite': return this.revoke(author, body.inviteId);
      case 'admit': return this.admit(author, body);
      case 'role': return this.changeRole(author, body);
      case 'remove': return this.remove(author, body);
      case 'key': return this.changeKey(author, body);
      case 'epoch': return this.rotate(author, body);
    }
  }

  private begin(genesis: GenesisBody): Verdict {
    const { author, hash } = this.record;
    if (this.mesh !== null && !this.isKnownToMesh(author, genesis.ownerMemberId)) return 'NotInWorkspace';
    const role = this.mesh === null ? 'owner' : 'lead';
    return this.enter(this.now, author, { memberId: genesis.ownerMemberId, role, kind: 'person' })
      .with({ pin: hash, encryptionRequired: genesis.encryption === 'required' });
  }

  private setPolicy(author: LogMember, policy: PolicyBody): Verdict {
    if (!leads(author)) return 'NotAllowed';
    if (this.mesh !== null && (policy.topicId === null || topicScope(policy.topicId) !== this.now.is.scope)) return 'WrongScope';
    return policy.topicId === null
      ? this.now.with({ encryptionRequired: policy.encryption === 'required' })
      : this.now.with({ plainTopics: withEntry(this.now.is.plainTopics, policy.topicId, policy.plainIn === 'yes') });
  }

  private rotate(author: LogMember, epoch: EpochBody): Verdict {
    if (!leads(author) && !this.now.is.rotationOwed && this.now.epoch > 0) return 'NotAllowed';
    if (epoch.number !== this.now.epoch + 1) return 'WrongEpoch';
    if (epoch.recipients !== Membership.hashOf(this.now.recipientsAt(this.record.at))) return 'WrongRecipients';
    return this.now.with({ epochs: [...this.now.is.epochs, epoch], rotationOwed: false });
  }

  /** Invites are the workspace's: into a topic with a log of its own its lead admits. */
  private openInvite(author: LogMember, invite: InviteBody): Verdict {
    if (this.mesh !== null) return 'WrongScope';
    const refusal = this.checkGrant(author, invite.admits);
    if (refusal !== null) return refusal;
    const { invites } = this.now.is;
    if (invites.has(invite.inviteId)) return 'BadInvite';
    if (invite.expiresAt <= this.record.at) return 'InviteClosed';
    const { key, admits: role, usesMax, expiresAt } = invite;
    return this.checkNewKey(key)
      ?? this.now.with({ invites: withEntry(invites, invite.inviteId, { key, role, usesMax, uses: 0, expiresAt, ended: false }) });
  }

  /** An expired invite can still be revoked: its holder may have the root, and expiry makes no rotation due. */
  private revoke(author: LogMember, inviteId: string): Verdict {
    if (!leads(author)) return 'NotAllowed';
    const invite = this.now.is.invites.get(inviteId);
    if (invite === undefined) return 'BadInvite';
    if (invite.ended || invite.uses >= invite.usesMax) return 'InviteClosed';
    return this.now.with({ invites: withEntry(this.now.is.invites, inviteId, { ...invite, ended: true }), rotationOwed: true });
  }

  private join(join: JoinBody): Verdict {
    if (this.mesh !== null) return 'WrongScope';
    const { author, at } = this.record;
    const { invites, memberIds, meshId, pin } = this.now.is;
    const invite = invites.get(join.inviteId);
    if (invite === undefined) return 'BadInvite';
    if (!isOpenAt(invite, at)) return 'InviteClosed';
    const refusal = this.checkNewKey(author);
    if (refusal !== null) return refusal;
    if (memberIds.has(join.memberId)) return 'IdTaken';
    if (!verify(invite.key, joinProofText(meshId, pin, join.inviteId, author), join.proof)) return 'BadProof';
    return this.enter(this.now, author, { memberId: join.memberId, role: invite.role, kind: 'person' })
      .with({ invites: withEntry(invites, join.inviteId, { ...invite, uses: invite.uses + 1 }) });
  }

  private admit(author: LogMember, admit: AdmitBody): Verdict {
    const refusal = this.checkGrant(author, admit.as);
    if (refusal !== null) return refusal;
    if (this.mesh !== null && !this.isKnownToMesh(admit.key, admit.memberId)) return 'NotInWorkspace';
    return this.checkAdmitted(admit) ?? this.enter(this.now, admit.key, { memberId: admit.memberId, role: admit.as, kind: admit.kind });
  }

  /** A removed key comes back under the id it had. One that another key followed stays what it became. */
  private checkAdmitted(admit: AdmitBody): LogRefusal | null {
    const { keys, members, memberIds } = this.now.is;
    const past = keys.get(admit.key);
    if (past !== undefined) {
      if (members.has(admit.key) || past.successor !== null) return 'BadKey';
      return past.memberId === admit.memberId ? null : 'IdTaken';
    }
    return this.checkNewKey(admit.key) ?? (memberIds.has(admit.memberId) ? 'IdTaken' : null);
  }

  private changeRole(author: LogMember, role: RoleBody): Verdict {
    if (author.role !== 'owner' && author.role !== 'lead') return 'NotAllowed';
    const { members } = this.now.is;
    const member = members.get(role.key);
    if (member === undefined) return 'UnknownMember';
    if (member.role === 'owner') return 'OwnerStays';
    if (this.mesh === null && role.becomes === 'owner') return this.handOver(author, role.key, member);
    return this.checkGrant(author, role.becomes)
      ?? this.now.with({ members: withEntry(members, role.key, { ...member, role: role.becomes }) });
  }

  /** Never to a 1.x key: it cannot sign records, and only the owner makes another owner. */
  private handOver(author: LogMember, key: PublicKey, member: LogMember): Verdict {
    if (member.kind === 'legacy') return 'BadRole';
    const given = withEntry(this.now.is.members, key, { ...member, role: 'owner' as LogRole });
    return this.now.with({ members: withEntry(given, this.record.author, { ...author, role: 'admin' as LogRole }) });
  }

  private remove(author: LogMember, remove: RemoveBody): Verdict {
    const member = this.now.is.members.get(remove.key);
    if (member === undefined) return 'UnknownMember';
    if (member.role === 'owner') return 'OwnerStays';

    const may = remove.key === this.record.author
      || author.role === 'owner'
      || author.role === 'lead'
      || (author.role === 'admin' && member.role === 'member');

    // Whom the workspace has lost any member of a topic may see out.
    if (!may && this.mesh?.is.keys.get(remove.key)?.wasLost !== true) return this.mesh === null ? 'NotAllowed' : 'NotInWorkspace';

    // The removed member may hold the secret of any open invite.
    const invites = new Map([...this.now.is.invites].map(([id, invite]) => [id, { ...invite, ended: true }]));
    return this.leave(remove.key, null, true).with({ invites, rotationOwed: true });
  }

  private changeKey(author: LogMember, change: KeyChangeBody): Verdict {
    const { author: oldKey } = this.record;
    const refusal = this.isOwnBefore(author, change.newKey) ? null : this.checkNewKey(change.newKey);
    if (refusal !== null) return refusal;
    if (!verify(change.newKey, keyProofText(this.now.is.meshId, oldKey, change.newKey), change.newSignature)) return 'BadProof';

    // A topic follows what the workspace has said of the same key, and takes nothing lighter than it did.
    const compromised = change.reason === 'compromise';
    const followed = this.mesh === null
      || (this.mesh.hasBecome(oldKey, change.newKey) && (compromised || this.mesh.is.keys.get(oldKey)?.wasLost !== true));
    if (!followed) return 'NotInWorkspace';

    // Who can sign this is a client of ours, whatever its old key was.
    const moved: LogMember = author.kind === 'legacy' ? { ...author, kind: 'person' } : author;
    const left = this.leave(oldKey, change.newKey, compromised);
    return this.enter(left, change.newKey, moved).with({ rotationOwed: this.now.is.rotationOwed || compromised });
  }

  /** A change can be taken back: a member may go on under an earlier key of its own, unless that was removed or given up as compromised. */
  private isOwnBefore(author: LogMember, key: PublicKey): boolean {
    const past = this.now.is.keys.get(key);
    return past !== undefined && past.successor !== null && !past.wasLost && past.memberId === author.memberId;
  }

  private isKnownToMesh(key: PublicKey, memberId: string): boolean {
    return this.mesh?.is.keys.get(key)?.memberId === memberId;
  }

  /** Whether this author may give somebody this role here. */
  private checkGrant(author: LogMember, role: LogRole): LogRefusal | null {
    const here: readonly LogRole[] = this.mesh === null ? ['admin', 'member'] : ['lead', 'member', 'observer'];
    if (!here.includes(role)) return 'BadRole';
    const may = author.role === 'owner' || author.role === 'lead' || (author.role === 'admin' && role === 'member');
    return may ? null : 'NotAllowed';
  }

  /** A key that a member of this log may take: one that signs alike everywhere, that the log has not seen, and no invite's. */
  private checkNewKey(key: PublicKey): LogRefusal | null {
    const { keys, invites } = this.now.is;
    const isNew = isAcceptable(key) && !keys.has(key) && ![...invites.values()].some((invite) => invite.key === key);
    return isNew ? null : 'BadKey';
  }

  private enter(to: Membership, key: PublicKey, member: LogMember): Membership {
    const past = to.is.keys.get(key);
    const stay: Stay = { fromEpoch: to.epoch, fromAt: this.record.at, untilEpoch: null, untilAt: null };
    const entered: KeyPast = {
      memberId: member.memberId,
      stays: [...(past?.stays ?? []), stay],
      followers: past?.followers ?? new Set(),
      successor: null,
      wasLost: past?.wasLost ?? false,
    };
    return to.with({
      members: withEntry(to.is.members, key, member),
      memberIds: new Set([...to.is.memberIds, member.memberId]),
      keys: withEntry(to.is.keys, key, entered),
    });
  }

  private leave(key: PublicKey, successor: PublicKey | null, lost: boolean): Membership {
    const { keys, members } = this.now.is;
    const past = keys.get(key)!;
    const ended: Stay = { ...past.stays.at(-1)!, untilEpoch: this.now.epoch, untilAt: this.record.at };
    const followers = successor === null ? past.followers : new Set([...past.followers, successor]);
    const after: KeyPast = { ...past, stays: [...past.stays.slice(0, -1), ended], followers, successor, wasLost: past.wasLost || lost };
    const staying = new Map(members);
    staying.delete(key);
    return this.now.with({ members: staying, keys: withEntry(keys, key, after) });
  }
}

function leads(author: LogMember): boolean {
  return author.role === 'owner' || author.role === 'admin' || author.role === 'lead';
}

function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}
