/** A row of this browser's own database: what is in the box only this browser's wrapping key opens. */
export interface KeyRow {
  readonly userId: string;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly box: Uint8Array<ArrayBuffer>;
  readonly devicePub: string;
  readonly generation: number;
  /** Of the account secret in the box; null: there is none in it. */
  readonly accountPub: string | null;
  /** Whether the broker has said that this is the account's key: before, another device may have been quicker. */
  readonly confirmed: boolean;
}

/** Where the rows lie: IndexedDB, or memory in a test. */
export interface Rows {
  wrappingKey(make: () => Promise<CryptoKey>): Promise<CryptoKey>;
  find(userId: string): Promise<KeyRow | null>;
  put(row: KeyRow): Promise<void>;
  remove(userId: string): Promise<void>;
}

const database = 'claudemesh';
const version = 1;
const wrapping = 'wrapping';
const identities = 'identities';
const only = 'only';

/** Null for a browser that keeps nothing: storage is blocked, or a private window cannot hold keys. */
export async function openRows(): Promise<Rows | null> {
  try {
    const opened = await openDatabase();
    const rows = new StoredRows(opened);
    await rows.wrappingKey(makeWrappingKey);
    return rows;
  } catch {
    return null;
  }
}

/** Used by WebCrypto alone: no script of this page, and nobody with a copy of the browser's files and another browser, reads its bytes. */
export function makeWrappingKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

class StoredRows implements Rows {
  constructor(private readonly opened: IDBDatabase) {}

  async wrappingKey(make: () => Promise<CryptoKey>): Promise<CryptoKey> {
    const held = await this.ask<CryptoKey | undefined>(wrapping, 'readonly', (store) => store.get(only));
    if (held) return held;

    // A transaction does not wait for WebCrypto, so two tabs may both make one: the first that is added stays.
    const made = await make();
    try {
      await this.ask(wrapping, 'readwrite', (store) => store.add(made, only));
      return made;
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'ConstraintError') throw error;
      return (await this.ask<CryptoKey>(wrapping, 'readonly', (store) => store.get(only)))!;
    }
  }

  async find(userId: string): Promise<KeyRow | null> {
    return (await this.ask<KeyRow | undefined>(identities, 'readonly', (store) => store.get(userId))) ?? null;
  }

  async put(row: KeyRow): Promise<void> {
    await this.ask(identities, 'readwrite', (store) => store.put(row));
  }

  async remove(userId: string): Promise<void> {
    await this.ask(identities, 'readwrite', (store) => store.delete(userId));
  }

  /** Done when it is on the disk, not when it was asked. */
  private ask<T>(name: string, mode: IDBTransactionMode, question: (store: IDBObjectStore) => IDBRequest): Promise<T> {
    return new Promise((resolve, reject) => {
      const transaction = this.opened.transaction(name, mode, { durability: 'strict' });
      const request = question(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request.result as T);
      transaction.onabort = () => reject(transaction.error ?? request.error);
      transaction.onerror = (event) => event.preventDefault();
      request.onerror = () => transaction.abort();
      request.addEventListener('error', () => reject(request.error));
    });
  }
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(database, version);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(wrapping);
      request.result.createObjectStore(identities, { keyPath: 'userId' });
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error('Another page of this browser holds an older database.'));
  });
}
