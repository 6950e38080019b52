// keys.md 6: sig = Ed25519(member, T("claudemesh/message-sig/3", H, payload)), for objects T("claudemesh/object-sig/1", …),
// ciphertext = XChaCha20-Poly1305(key, nonce 24, pad64(sig 64 ‖ payload), aad = H), tag last.

import * as aead from '../aead';
import { type Bytes, concat, random } from '../bytes';
import { signatureSize, verify } from '../ed25519';
import type { PublicKey } from '../ids';
import type { MemberKey } from '../member';
import { decode, encode, field } from '../text';
import type { MessageRefusal } from './refusal';

const label = 'claudemesh/body/3';

/** What a message says. `type` is `text`, `json` or a later name; a reader shows an unknown one as not understood. */
export interface MessageBody {
  readonly type: string;
  readonly text: string;
}

/** What a version 3 message or object is on the wire: three byte strings, each sent as base64. */
export interface Sealed {
  readonly header: Bytes;
  readonly nonce: Bytes;
  readonly ciphertext: Bytes;
}

export type SignatureLabel = 'claudemesh/message-sig/3' | 'claudemesh/object-sig/1';

export function writeBody(body: MessageBody): Bytes {
  return encode(label, field.oneOf(body.type, body.type !== ''), field.text(body.text));
}

export function parseBody(payload: Bytes): MessageBody | null {
  return decode(payload, label, (fields) => {
    const type = fields.text();
    fields.require(type !== '');
    return { type, text: fields.text() };
  });
}

/** The one form of every body of ours: signed by its author inside, bound to its header outside. */
export function sealBody(
  author: MemberKey, key: Bytes, header: Bytes, body: MessageBody, signed: SignatureLabel, nonce: Bytes = random(aead.nonceSize),
): Sealed {
  const payload = writeBody(body);
  const signature = author.sign(encode(signed, field.bytes(header), field.bytes(payload)));
  return { header, nonce, ciphertext: aead.seal(key, nonce, aead.pad(concat(signature, payload)), header) };
}

export function openBody(key: Bytes, author: PublicKey, sealed: Sealed, signed: SignatureLabel): MessageBody | MessageRefusal {
  const padded = aead.open(key, sealed.nonce, sealed.ciphertext, sealed.header);
  if (padded === null || padded.length === 0) return 'DoesNotOpen';
  const text = aead.unpad(padded);
  if (text === null || text.length < signatureSize) return 'BadPayload';
  const payload = text.slice(signatureSize);
  const signedText = encode(signed, field.bytes(sealed.header), field.bytes(payload));
  if (!verify(author, signedText, text.slice(0, signatureSize))) return 'BadSignature';
  return parseBody(payload) ?? 'BadPayload';
}
