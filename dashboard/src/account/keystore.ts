import { AccountSecret, accountSecretSize, type Bytes, concat, type PublicKey, SigningKey } from '../crypto';
import { encode, field } from '../crypto/text';
import { type KeyRow, makeWrappingKey, type Rows } from './rows';

const seedSize = 32;

/** The keys of one account in this browser: its own device key, and the account secret once it has it. */
export interface Keys {
  readonly userId: string;
  readonly device: SigningKey;
  readonly account: { readonly secret: AccountSecret; readonly pub: PublicKey; readonly generation: number; readonly confirmed: boolean } | null;
}

/** Keeps keys in this browser, each row sealed by a WebCrypto key that gives its bytes to nobody. */
export class KeyStore {
  constructor(private readonly rows: Rows) {}

  /** Null: this browser has nothing of the account, or what it has cannot be opened any more and is as good as lost. */
  async find(userId: string): Promise<Keys | null> {
    const row = await this.rows.find(userId);
    const opened = row && (await this.open(row));
    if (!opened) return null;

    const device = new SigningKey(opened.slice(0, seedSize));
    const secret = opened.length > seedSize ? new AccountSecret(opened.slice(seedSize)) : null;
    opened.fill(0);
    const account = secret && { secret, pub: secret.publicKey(userId), generation: row.generation, confirmed: row.confirmed };
    return { userId, device, account };
  }

  async save(keys: Keys): Promise<void> {
    const { userId, device, account } = keys;
    const plain = concat(device.exposeSeed(), account?.secret.expose() ?? new Uint8Array(0));
    const about = {
      userId,
      devicePub: device.public,
      generation: account?.generation ?? 0,
      accountPub: account?.pub ?? null,
      confirmed: account?.confirmed ?? false,
    };
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const key = await this.rows.wrappingKey(makeWrappingKey);
    const box = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: associated(about) }, key, plain as BufferSource);
    plain.fill(0);
    await this.rows.put({ ...about, nonce, box: new Uint8Array(box) });
  }

  forget(userId: string): Promise<void> {
    return this.rows.remove(userId);
  }

  private async open(row: KeyRow): Promise<Bytes | null> {
    try {
      const key = await this.rows.wrappingKey(makeWrappingKey);
      const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: row.nonce, additionalData: associated(row) }, key, row.box);
      return plain.byteLength === seedSize || plain.byteLength === seedSize + accountSecretSize ? new Uint8Array(plain) : null;
    } catch {
      return null;
    }
  }
}

function associated(row: Pick<KeyRow, 'userId' | 'generation' | 'accountPub' | 'confirmed'>): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    encode(
      'claudemesh/browser-keys/1',
      field.id(row.userId),
      field.number(row.generation),
      field.text(row.accountPub),
      field.text(row.confirmed ? 'yes' : 'no'),
    ),
  );
}
