/**
 * The constructions of keys.md for the browser, to the byte what `Claudemesh.Crypto` has in C#: both run `tests/vectors/keys.json`.
 * What may fail because of what somebody else sent answers null or a refusal; a RangeError is a mistake of the caller.
 */
export * as aead from './aead';
export * from './account';
export * from './approval';
export * as boxes from './boxes';
export * from './bytes';
export { isAcceptable, SigningKey, verify } from './ed25519';
export { sha256 } from './hashing';
export * from './ids';
export * from './invite';
export type { LogBody, LogRole, MemberKind } from './log/body';
export { LogDraft } from './log/draft';
export { HeldLog, type LogDistance, type LogFork, type LogReading } from './log/held';
export { RootHistory } from './log/history';
export { checkInvite, draftInvite, draftJoin, type Invitation, type JoinRefusal } from './log/joining';
export { clockAheadMax, isOpenAt, type KeyPast, type LogInvite, type LogMember, Membership } from './log/membership';
export { type LogHead, type LogRecord, readKeptRecord, readRecord, type SignedRecord } from './log/record';
export type { LogRefusal } from './log/refusal';
export { draftRotation, type SealedCopy, sealCopies, sealCopy } from './log/rotation';
export * from './member';
export type { MessageBody, Sealed } from './messages/body';
export { countChunks, FileSeal } from './messages/file';
export { fingerprint } from './messages/fingerprint';
export { joinMentions, type MessageHeader, parseHeader, type Priority, writeHeader } from './messages/header';
export * from './messages/message';
export * from './messages/object';
export { PairKeys } from './messages/pairs';
export type { MessageRefusal } from './messages/refusal';
export { parseTarget, type Target, writeTarget } from './messages/target';
export * from './pairing';
export * as recovery from './recovery';
export * from './renewal';
export * from './root';
export * from './safety';
export * from './secret';
export { openVault, sealVault } from './vault';
