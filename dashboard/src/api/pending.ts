// Routes of accounts as the contract has them, until docs/openapi.json does.

export interface AccountSummary {
  userId: string;
  username: string;
  displayName: string;
  isOperator: boolean;
}
export interface AuthState {
  needsSetup: boolean;
  signUp: 'invite' | 'open' | 'closed';
  mail: boolean;
  oidc?: { name: string };
  account?: AccountSummary;
  csrf?: string;
}
export interface SignedIn {
  account: AccountSummary;
  csrf: string;
  freshUntil: string;
}
export interface SignInStep {
  account?: AccountSummary;
  csrf?: string;
  freshUntil?: string;
  secondFactor?: string;
}
export interface PasskeyCeremony {
  ceremony: string;
  options: unknown;
}
export interface PasskeyAnswer {
  ceremony: string;
  credential: unknown;
}
export interface SignUpNames {
  username: string;
  displayName: string;
  email?: string;
  setup?: string;
  invite?: string;
}
export interface PasskeyInfo {
  id: string;
  name: string;
  createdAt: string;
  backedUp: boolean;
  recovers: boolean;
  lastUsedAt?: string;
}
export interface MyAccount {
  account: AccountSummary;
  createdAt: string;
  passkeys: PasskeyInfo[];
  hasPassword: boolean;
  hasTotp: boolean;
  recoveryCodesLeft: number;
  email?: string;
  emailVerified?: boolean;
  links?: { issuer: string; linkedAt: string }[];
}
export interface SessionInfo {
  id: string;
  kind: 'browser' | 'device';
  name: string;
  address?: string;
  createdAt: string;
  lastSeenAt: string;
  current: boolean;
  expiresAt: string;
}
export type TokenScope = 'read' | 'post' | 'state' | 'admin';
export interface TokenInfo {
  id: string;
  name: string;
  scopes: TokenScope[];
  workspace?: string;
  createdAt: string;
  expiresAt: string;
  lastUsedAt?: string;
  revokedAt?: string;
}
export interface AccountKeyRecord {
  generation: number;
  accountPub: string;
  text: string;
  accountSig: string;
  deviceSig: string;
  devicePub: string;
  createdAt: string;
  oldSig?: string;
}
export interface AccountKeyInfo {
  generation: number;
  accountPub: string;
  record: AccountKeyRecord;
  history: AccountKeyRecord[];
}
export interface DeviceInfo {
  devicePub: string;
  name: string;
  kind: 'browser' | 'device';
  addedAt: string;
  approvedBy?: string;
  lastSeenAt?: string;
  current: boolean;
  text: string;
  accountSig: string;
  deviceSig: string;
}
export interface DeviceRequestInfo {
  userCode: string;
  devicePub: string;
  deviceName: string;
  platform?: string;
  address: string;
  sameComputer: boolean;
  createdAt: string;
  expiresAt: string;
}
export interface RecoveryInfo {
  id: string;
  kind: 'key' | 'prf';
  generation: number;
  createdAt: string;
  credentialId?: string;
  blob?: string;
}
export interface RenewalInfo {
  text: string;
  oldSig: string;
  newSig: string;
  deviceSig: string;
  copy?: string;
}
export interface MyMesh {
  id: string;
  slug: string;
  name: string;
  role: 'member' | 'admin' | 'owner';
  memberId: string;
  memberPub: string;
  displayName: string;
  archivedAt?: string;
  memberCount: number;
}

export interface DeviceAuthorization {
  device_code: string;
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
  expires_in: number;
  interval: number;
}
export interface OAuthTokens {
  access_token: string;
  token_type: string;
  expires_in: number;
  refresh_token: string;
  scope: string;
  sub: string;
  approval?: { text: string; box: string; accountSig: string; deviceSig: string };
}

interface Row<Path, Body, Reply> {
  path: Path;
  query: null;
  body: Body;
  reply: Reply;
}
type Id = { id: string };

export interface PendingRoutes {
  'POST /oauth/device_authorization': Row<null, Record<string, string>, DeviceAuthorization>;
  'POST /oauth/token': Row<null, Record<string, string>, OAuthTokens>;
  'POST /oauth/revoke': Row<null, Record<string, string>, null>;
  'GET /api/auth/state': Row<null, null, AuthState>;
  'POST /api/auth/sign-up': Row<null, SignUpNames & { password: string }, SignedIn>;
  'POST /api/auth/passkeys/sign-up-options': Row<null, SignUpNames, PasskeyCeremony>;
  'POST /api/auth/passkeys/sign-up': Row<null, PasskeyAnswer, SignedIn>;
  'POST /api/auth/sign-in': Row<null, { username: string; password: string }, SignInStep>;
  'POST /api/auth/second-factor': Row<null, { ceremony: string; code: string }, SignedIn>;
  'POST /api/auth/passkeys/options': Row<null, { username?: string }, PasskeyCeremony>;
  'POST /api/auth/passkeys/sign-in': Row<null, PasskeyAnswer, SignedIn>;
  'POST /api/auth/fresh/password': Row<null, { password: string; code?: string }, { freshUntil: string }>;
  'POST /api/auth/fresh/passkey-options': Row<null, null, PasskeyCeremony>;
  'POST /api/auth/fresh/passkey': Row<null, PasskeyAnswer, { freshUntil: string }>;
  'POST /api/auth/refresh': Row<null, null, SignedIn>;
  'POST /api/auth/sign-out': Row<null, null, null>;
  'GET /api/my/account': Row<null, null, MyAccount>;
  'PATCH /api/my/account': Row<null, { displayName?: string; email?: string }, MyAccount>;
  'DELETE /api/my/account': Row<null, { confirm: string }, null>;
  'POST /api/my/email/verification': Row<null, null, null>;
  'GET /api/my/export': Row<null, null, unknown>;
  'POST /api/my/passkeys/options': Row<null, null, PasskeyCeremony>;
  'POST /api/my/passkeys': Row<null, PasskeyAnswer & { name: string }, PasskeyInfo>;
  'PATCH /api/my/passkeys/{id}': Row<Id, { name: string }, PasskeyInfo>;
  'DELETE /api/my/passkeys/{id}': Row<Id, null, null>;
  'PUT /api/my/password': Row<null, { password: string }, null>;
  'DELETE /api/my/password': Row<null, null, null>;
  'POST /api/my/totp': Row<null, null, { secret: string; uri: string }>;
  'PUT /api/my/totp': Row<null, { code: string }, null>;
  'DELETE /api/my/totp': Row<null, null, null>;
  'POST /api/my/recovery-codes': Row<null, null, { codes: string[] }>;
  'GET /api/my/sessions': Row<null, null, { sessions: SessionInfo[] }>;
  'DELETE /api/my/sessions/{id}': Row<Id, null, null>;
  'DELETE /api/my/sessions': Row<null, null, null>;
  'GET /api/my/tokens': Row<null, null, { tokens: TokenInfo[] }>;
  'POST /api/my/tokens': Row<null, { name: string; scopes: TokenScope[]; workspace?: string; expiresInDays: number }, TokenInfo & { token: string }>;
  'DELETE /api/my/tokens/{id}': Row<Id, null, null>;
  'GET /api/my/device-requests/{userCode}': Row<{ userCode: string }, null, DeviceRequestInfo>;
  'POST /api/my/device-requests/{userCode}/approve': Row<
    { userCode: string },
    { text: string; box: string; accountSig: string; deviceSig: string; typedName?: string },
    { loopback?: { port: number; code: string } }
  >;
  'POST /api/my/device-requests/{userCode}/deny': Row<{ userCode: string }, null, null>;
  'GET /api/my/key': Row<null, null, AccountKeyInfo>;
  'POST /api/my/key': Row<null, { text: string; accountSig: string; deviceSig: string; deviceName: string }, AccountKeyInfo>;
  'GET /api/my/devices': Row<null, null, { devices: DeviceInfo[] }>;
  'POST /api/my/devices': Row<null, { text: string; accountSig: string; deviceSig: string }, DeviceInfo>;
  'DELETE /api/my/devices/{pub}': Row<{ pub: string }, null, null>;
  'GET /api/my/recovery': Row<null, null, { blobs: RecoveryInfo[]; withheld?: boolean }>;
  'PUT /api/my/recovery/{kind}': Row<{ kind: string }, { blob: string; generation: number; credentialId?: string }, RecoveryInfo>;
  'DELETE /api/my/recovery/{id}': Row<Id, null, null>;
  'GET /api/my/renewal/{generation}': Row<{ generation: string }, null, RenewalInfo>;
  'GET /api/my/meshes': Row<null, null, { meshes: MyMesh[] }>;
  'PUT /api/my/meshes/{id}': Row<Id, { memberPub: string; at: number; proof: string }, MyMesh>;
}
