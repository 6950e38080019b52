import { type Bytes, random } from './bytes';

// Kept apart from the objects, so that a console, a debugger or a JSON text of one shows nothing.
const contents = new WeakMap<Secret, Bytes>();

/** Bytes that must not be seen: no text form, no JSON, no copy by structured clone. Wiped where they are no longer needed. */
export class Secret {
  /** Takes a copy; the caller wipes his own. */
  constructor(value: Bytes) {
    contents.set(this, Uint8Array.from(value));
  }

  static random(size: number): Secret {
    const bytes = random(size);
    const secret = new Secret(bytes);
    bytes.fill(0);
    return secret;
  }

  get size(): number {
    return this.expose().length;
  }

  /** The bytes themselves, to be used at once or wrapped for the store. Never log, never keep, never send. */
  expose(): Bytes {
    const bytes = contents.get(this);
    if (bytes === undefined) throw new Error('This secret was wiped.');
    return bytes;
  }

  wipe(): void {
    contents.get(this)?.fill(0);
    contents.delete(this);
  }

  toString(): string {
    return '(secret)';
  }

  toJSON(): string {
    return '(secret)';
  }
}

/** Uses a secret and wipes it, whatever happens. */
export function using<S extends { wipe(): void }, R>(secret: S, use: (secret: S) => R): R {
  try {
    return use(secret);
  } finally {
    secret.wipe();
  }
}
