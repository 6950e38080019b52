import type { Bytes } from '../bytes';
import type { PublicKey } from '../ids';
import { clockAheadMax, type Membership } from '../log/membership';
import type { RootHistory } from '../log/history';
import type { MemberKey } from '../member';
import { type RootKey, sameRoot } from '../root';
import { type MessageBody, openBody, type Sealed, sealBody } from './body';
import { type MessageHeader, parseHeader, type Priority, writeHeader } from './header';
import type { PairKeys } from './pairs';
import type { MessageRefusal } from './refusal';
import { labelOf, parseTarget, writeTarget } from './target';

const directAgeMax = 45 * 24 * 3_600_000;
const signed = 'claudemesh/message-sig/3';

/**
 * What the frame around a message says. Everything that header and frame both carry must be equal, else somebody in between has changed
 * it. What a frame does not carry is left out and not compared.
 */
export interface MessageFrame {
  /** The workspace of the connection that brought the frame. */
  readonly meshId: string;
  readonly targetSpec?: string;
  readonly senderMember?: PublicKey;
  /** The session's key when a session sent it, else the member's. */
  readonly senderKey?: PublicKey;
  readonly clientMessageId?: string;
  readonly priority?: Priority;
  readonly replyTo?: string;
}

/** A message that opened, whose signature is good and whose header equals its frame. */
export interface OpenedMessage {
  readonly header: MessageHeader;
  readonly body: MessageBody;
}

/** Writes a direct message; null for a recipient key that no key can be agreed with. */
export function sealDirect(sender: MemberKey, pairs: PairKeys, header: MessageHeader, body: MessageBody, nonce?: Bytes): Sealed | null {
  const key = header.target.kind === 'direct' ? pairs.directKey(header.target.member) : null;
  return key === null ? null : seal(sender, key.expose(), header, body, nonce);
}

/** Writes a message to a topic, group, tag or everybody. @throws RangeError when the header names another root key. */
export function sealShared(sender: MemberKey, root: RootKey, header: MessageHeader, body: MessageBody, nonce?: Bytes): Sealed {
  if (!sameRoot(header.root, root.reference)) {
    throw new RangeError('The header names another root key than the message would be written under.');
  }
  const key = root.derive(labelOf(header.target));
  const sealed = seal(sender, key.expose(), header, body, nonce);
  key.wipe();
  return sealed;
}

/**
 * Reads a direct message and makes every check but two, which are the caller's: that the sender was a member at `sentAt`
 * ({@link Membership.checkMessage}), and that (sender, client id, target) is new.
 * @param own The member that the message must be addressed to.
 */
export function openDirect(own: PublicKey, pairs: PairKeys, frame: MessageFrame, sealed: Sealed, now: number): OpenedMessage | MessageRefusal {
  const header = readHeader(frame, sealed);
  if (typeof header === 'string') return header;
  if (header.target.kind !== 'direct' || header.target.member !== own) return 'WrongTarget';
  if (now - header.sentAt >= directAgeMax) return 'TooOld';
  if (now - header.sentAt < -clockAheadMax) return 'TooFarAhead';
  const key = pairs.directKey(header.senderMember);
  return key === null ? 'BadSenderKey' : open(key.expose(), header, sealed);
}

/**
 * Reads a message to a topic, group, tag or everybody, with every check but one: that (sender, client id, target) is new.
 * @param log Of the topic where it has a log of its own, else of the workspace.
 * @param roots The reader's roots of the same scope.
 */
export function openShared(log: Membership, roots: RootHistory, frame: MessageFrame, sealed: Sealed): OpenedMessage | MessageRefusal {
  const header = readHeader(frame, sealed);
  if (typeof header === 'string') return header;
  if (header.root === null) return 'WrongTarget';
  const refusal = log.checkMessage(header);
  if (refusal !== null) return refusal;
  const root = roots.find(log, header.root.epoch);
  if (root === null) return 'NoRoot';

  const key = root.derive(labelOf(header.target));
  const opened = open(key.expose(), header, sealed);
  key.wipe();
  return opened;
}

function seal(sender: MemberKey, key: Bytes, header: MessageHeader, body: MessageBody, nonce?: Bytes): Sealed {
  if (header.senderMember !== sender.public) throw new RangeError('The header names another sender than the one that signs.');
  return sealBody(sender, key, writeHeader(header), body, signed, nonce);
}

function readHeader(frame: MessageFrame, sealed: Sealed): MessageHeader | MessageRefusal {
  const header = parseHeader(sealed.header);
  if (header === null) return 'BadHeader';
  const target = frame.targetSpec === undefined ? header.target : parseTarget(frame.targetSpec);
  const equal = frame.meshId === header.meshId
    && target !== null
    && writeTarget(target) === writeTarget(header.target)
    && (frame.senderMember ?? header.senderMember) === header.senderMember
    && (frame.senderKey === undefined || frame.senderKey === (header.senderSession ?? header.senderMember))
    && (frame.clientMessageId ?? header.clientMessageId) === header.clientMessageId
    && (frame.priority ?? header.priority) === header.priority
    && (frame.replyTo === undefined || frame.replyTo === header.replyTo);
  return equal ? header : 'FrameMismatch';
}

function open(key: Bytes, header: MessageHeader, sealed: Sealed): OpenedMessage | MessageRefusal {
  const body = openBody(key, header.senderMember, sealed, signed);
  return typeof body === 'string' ? body : { header, body };
}
