// The fingerprint of a request, wire reference 4.7: SHA-256 of version 00 kind 00 ref 00 reply 00 priority 00 meta 00 SHA-256(body).

import { concat, toHex, utf8 } from '../bytes';
import { hmacSha256, sha256 } from '../hashing';
import type { Secret } from '../secret';

export interface FingerprintOf {
  /** As the caller typed it. */
  readonly to: string;
  readonly replyTo: string | null;
  readonly priority: string;
  /** JSON with sorted keys and no white space, or null without meta. */
  readonly canonicalMeta: string | null;
  readonly body: string;
}

/** Says whether two requests with one client id are the same, and tells the broker nothing about the text. */
export function fingerprint(key: Secret, request: FingerprintOf): string {
  return toHex(hmacSha256(key.expose(), bareFingerprint(request)));
}

/** The bare form of 1.x. It is the text, to anybody who can guess it: never sent by ours. */
export function bareFingerprint(request: FingerprintOf): Uint8Array {
  const to = request.to.trim();
  const kind = to === '*' || to.startsWith('@') ? 'topic' : 'dm';
  const parts = ['1', kind, to.replace(/^@/, ''), request.replyTo ?? '', request.priority, request.canonicalMeta ?? ''];
  return sha256(concat(...parts.map((part) => utf8(`${part}\0`)), sha256(utf8(request.body))));
}
