import type { Client } from '../api/client';
import { Problem } from '../api/problem';
import { recovery, Secret, tryBase64Url } from '../crypto';

/** Whether this browser can make and use passkeys at this address. */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === 'function' && 'parseCreationOptionsFromJSON' in PublicKeyCredential && isSecureContext;
}

type Creation = Parameters<typeof PublicKeyCredential.parseCreationOptionsFromJSON>[0];
type Request = Parameters<typeof PublicKeyCredential.parseRequestOptionsFromJSON>[0];

/** Makes a passkey for the options of the broker. It is asked whether it can derive secrets (PRF), but derives none here. */
export async function createPasskey(options: unknown): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as Creation);
  publicKey.extensions = { prf: {} };
  return sendable(await navigator.credentials.create({ publicKey }));
}

/** Shows a passkey to the broker. No secret is derived in this ceremony, so there is none that could be sent. */
export async function showPasskey(options: unknown, conditional?: AbortSignal): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as Request);
  return sendable(await navigator.credentials.get(conditional ? { publicKey, mediation: 'conditional', signal: conditional } : { publicKey }));
}

/** Whether names of passkeys can be offered in the field where one types his username. */
export async function offersInField(): Promise<boolean> {
  return hasPasskeys() && (await PublicKeyCredential.isConditionalMediationAvailable?.()) === true;
}

/**
 * What a passkey derives for the recovery of the account secret: 32 bytes that stay in this page. It is a ceremony of its own, with a challenge of ours that
 * nobody checks: its answer proves nothing to anybody and is sent to nobody.
 * @returns Null where the authenticator derives nothing: this passkey cannot recover.
 */
export async function derivePrf(credentialIds: readonly Uint8Array[]): Promise<{ credentialId: Uint8Array; prf: Secret } | null> {
  const got = await navigator.credentials.get({
    publicKey: {
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      allowCredentials: credentialIds.map((id) => ({ type: 'public-key' as const, id: Uint8Array.from(id) })),
      userVerification: 'required',
      extensions: { prf: { eval: { first: Uint8Array.from(recovery.prfInput) } } },
    },
  });
  if (!(got instanceof PublicKeyCredential)) return null;
  const first = got.getClientExtensionResults().prf?.results?.first;
  if (!first) return null;

  const bytes = new Uint8Array(first instanceof ArrayBuffer ? first : first.buffer.slice(first.byteOffset, first.byteOffset + first.byteLength));
  if (bytes.length !== 32) return null;
  const prf = new Secret(bytes);
  bytes.fill(0);
  return { credentialId: new Uint8Array(got.rawId), prf };
}

/** The passkey's id as the list of the account has it, in bytes. */
export function credentialBytes(id: string): Uint8Array {
  const bytes = tryBase64Url(id);
  if (bytes === null) throw new Problem('unreadable', 'The broker answered with something that this page cannot read. Load the page again.', 0);
  return bytes;
}

/** Adds a passkey to the account that is signed in. */
export async function addPasskey(broker: Client, name: string): Promise<void> {
  const { ceremony, options } = await broker.call('POST /api/my/passkeys/options');
  const credential = await createPasskey(options);
  await broker.call('POST /api/my/passkeys', { body: { ceremony, credential, name } });
}

/**
 * The credential as it may be sent. `toJSON()` also has what the extensions gave, and that can be the key of the recovery: it is left out, and the field that
 * the broker wants to be there is empty.
 */
export function sendable(credential: Credential | null): unknown {
  if (!(credential instanceof PublicKeyCredential)) throw new DOMException('No passkey was given.', 'NotAllowedError');
  return { ...(credential.toJSON() as object), clientExtensionResults: {} };
}
