// keys.md 2: LP(x) = u32 big-endian length of x ‖ x, T(label, f1 … fn) = LP(label) ‖ LP(f1) ‖ … ‖ LP(fn).

import { type Bytes, concat, noBytes, tryText, utf8 } from './bytes';
import { bytesOf, type Digest, digestOf, isWireId, keySize, type PublicKey, publicKeyOf } from './ids';

/** Writes everything that is signed, hashed or associated. */
export function encode(label: string, ...fields: readonly Bytes[]): Bytes {
  return concat(...[utf8(label), ...fields].flatMap((field) => [lengthOf(field), field]));
}

/** How a value becomes a field. Each throws a RangeError for a value that has no encoding, so nothing is ever signed in another form. */
export const field = {
  absent: noBytes,
  text: (value: string | null | undefined): Bytes => utf8(value ?? ''),
  id: (value: string): Bytes => {
    if (!isWireId(value)) throw new RangeError('An id is 1 to 64 letters, digits, - or _.');
    return utf8(value);
  },
  number: (value: number): Bytes => {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError('A number is an integer from 0 to 2^53-1.');
    return utf8(String(value));
  },
  key: (value: PublicKey): Bytes => bytesOf(value),
  optionalKey: (value: PublicKey | null): Bytes => (value === null ? field.absent : bytesOf(value)),
  digest: (value: Digest): Bytes => bytesOf(value),
  bytes: (value: Bytes, size?: number): Bytes => {
    if (size !== undefined && value.length !== size) throw new RangeError(`${value.length} bytes where ${size} are needed.`);
    return value;
  },
  oneOf: (word: string, known: boolean): Bytes => {
    if (!known) throw new RangeError('A value is none of those that have an encoding.');
    return utf8(word);
  },
};

/**
 * Reads exactly what {@link encode} writes; null for another label, a cut field, a number or id of another form, bytes that are no UTF-8,
 * and anything after the last field.
 */
export function decode<T>(bytes: Bytes, label: string, read: (fields: FieldReader) => T): T | null {
  const fields = new FieldReader(bytes);
  try {
    if (fields.text() !== label) return null;
    const value = read(fields);
    return fields.atEnd ? value : null;
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

/** Made for {@link decode} only, which turns what a method refuses into a null. */
export class FieldReader {
  private at = 0;

  constructor(private readonly source: Bytes) {}

  get atEnd(): boolean {
    return this.at === this.source.length;
  }

  bytes(...sizes: readonly number[]): Bytes {
    const { source, at } = this;
    this.require(source.length - at >= 4);
    const length = new DataView(source.buffer, source.byteOffset + at, 4).getUint32(0);
    this.require(length <= source.length - at - 4 && (sizes.length === 0 || sizes.includes(length)));
    this.at = at + 4 + length;
    return source.slice(at + 4, this.at);
  }

  text(): string {
    const text = tryText(this.bytes());
    return text ?? this.refuse();
  }

  id(): string {
    const text = this.text();
    this.require(isWireId(text));
    return text;
  }

  /** Decimal, no sign, no leading zero, at most 2^53−1. */
  number(): number {
    const digits = this.text();
    const value = Number(digits);
    this.require(/^(?:0|[1-9][0-9]{0,15})$/.test(digits) && Number.isSafeInteger(value));
    return value;
  }

  key(): PublicKey {
    return publicKeyOf(this.bytes(keySize));
  }

  optionalKey(): PublicKey | null {
    const bytes = this.bytes(0, keySize);
    return bytes.length === 0 ? null : publicKeyOf(bytes);
  }

  digest(): Digest {
    return digestOf(this.bytes(keySize));
  }

  /** One of a fixed set, and nothing else. */
  word<W extends string>(words: readonly W[]): W {
    const text = this.text();
    return words.find((word) => word === text) ?? this.refuse();
  }

  require(holds: boolean): void {
    if (!holds) this.refuse();
  }

  refuse(): never {
    throw new Refused();
  }
}

class Refused extends Error {}

function lengthOf(value: Bytes): Bytes {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, value.length);
  return length;
}
