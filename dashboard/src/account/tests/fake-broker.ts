import { Client } from '../../api/client';
import { type PublicKey, parseApprovalText, tryPublicKey } from '../../crypto';
import { decode } from '../../crypto/text';
import { fromBase64 } from '../bytes';
import { type KeyRow, makeWrappingKey, type Rows } from '../rows';

/** Rows in memory, and the wrapping key of one browser. */
export class MemoryRows implements Rows {
  readonly rows = new Map<string, KeyRow>();
  private key: CryptoKey | null = null;

  async wrappingKey(make: () => Promise<CryptoKey> = makeWrappingKey): Promise<CryptoKey> {
    this.key ??= await make();
    return this.key;
  }

  async find(userId: string): Promise<KeyRow | null> {
    return this.rows.get(userId) ?? null;
  }

  async put(row: KeyRow): Promise<void> {
    this.rows.set(row.userId, structuredClone(row));
  }

  async remove(userId: string): Promise<void> {
    this.rows.delete(userId);
  }
}

type Answer = { status: number; body: unknown };
type Handler = (body: Record<string, string>, path: string) => Answer | Promise<Answer>;

/** The account routes of a broker with one account, as far as a browser's keys need them; a test puts its own in the place of one. */
export class FakeBroker {
  readonly asked: { route: string; body: Record<string, string> }[] = [];
  readonly devices: Record<string, unknown>[] = [];
  readonly blobs: Record<string, unknown>[] = [];
  key: { generation: number; accountPub: string; record: Record<string, unknown>; history: Record<string, unknown>[] } | null = null;
  private readonly own = new Map<string, Handler>();

  /** @param person What answers when a proof is asked for. */
  client(person: () => boolean = () => true): Client {
    return new Client({ csrf: () => 'csrf', refresh: async () => true, isFresh: () => false, confirm: async () => person() }, (async (
      address: string,
      init: RequestInit,
    ) => {
      const route = `${init.method} ${new URL(address, 'http://broker').pathname}`;
      const body = typeof init.body !== 'string' ? {} : route.includes(' /oauth/') ? Object.fromEntries(new URLSearchParams(init.body)) : JSON.parse(init.body);
      this.asked.push({ route, body });
      const { status, body: answer } = await (this.own.get(route) ?? ((given) => this.answer(route, given)))(body, route);
      return new Response(answer === null ? null : JSON.stringify(answer), { status });
    }) as typeof fetch);
  }

  on(route: string, handler: Handler): this {
    this.own.set(route, handler);
    return this;
  }

  bodies(route: string): Record<string, string>[] {
    return this.asked.filter((one) => one.route === route).map((one) => one.body);
  }

  private answer(route: string, body: Record<string, string>): Answer {
    switch (route) {
      case 'GET /api/my/key':
        return this.key === null ? refusal(404, 'no_account_key') : { status: 200, body: this.key };
      case 'POST /api/my/key':
        return this.takeFirst(body);
      case 'GET /api/my/devices':
        return { status: 200, body: { devices: this.devices } };
      case 'POST /api/my/devices':
        return this.takeDevice(body);
      case 'GET /api/my/recovery':
        return { status: 200, body: { blobs: this.blobs } };
      case 'PUT /api/my/recovery/key':
      case 'PUT /api/my/recovery/prf':
        this.blobs.push({ id: `r${this.blobs.length}`, kind: route.slice(-3), createdAt: '2026-01-01T00:00:00.000Z', ...body });
        return { status: 200, body: {} };
      case 'POST /oauth/revoke':
        return { status: 200, body: null };
      default:
        return refusal(404, 'no_such_route');
    }
  }

  private takeFirst(body: Record<string, string>): Answer {
    if (this.key !== null) return refusal(409, 'account_key_exists');
    const first = decode(fromBase64(body.text!), 'claudemesh/account/1', (fields) => {
      fields.id();
      fields.number();
      const [account, device] = [fields.key(), fields.key()];
      fields.number();
      return { account, device };
    })!;
    const record = { generation: 1, accountPub: first.account, devicePub: first.device, createdAt: '2026-01-01T00:00:00.000Z', ...body };
    this.key = { generation: 1, accountPub: first.account, record, history: [] };
    this.list(first.device, body.deviceName!, body);
    return { status: 201, body: this.key };
  }

  private takeDevice(body: Record<string, string>): Answer {
    const text = parseApprovalText(fromBase64(body.text!))!;
    if (!this.devices.some((device) => device.devicePub === text.device)) this.list(text.device, text.deviceName, body);
    return { status: 200, body: {} };
  }

  private list(device: PublicKey, name: string, record: Record<string, string>): void {
    this.devices.push({
      devicePub: device,
      name,
      kind: 'browser',
      addedAt: '2026-01-01T00:00:00.000Z',
      current: true,
      text: record.text,
      accountSig: record.accountSig,
      deviceSig: record.deviceSig,
    });
  }
}

export function refusal(status: number, code: string): Answer {
  return { status, body: { type: `urn:claudemesh:error:${code}`, title: code, status, detail: `It is ${code}.`, error: code, code } };
}

export function asKey(hex: unknown): PublicKey {
  return tryPublicKey(hex)!;
}
