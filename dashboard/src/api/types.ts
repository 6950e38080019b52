// Made from docs/openapi.json by scripts/types.mjs; a test keeps it so.

/** Everything that the broker keeps about an account, apart from the secrets that it knows by their hash only. */
export interface AccountExport {
  account: AccountSummary;
  exportedAt: string;
  /** One list of rows for each table. */
  data: unknown;
}

export interface AccountInviteMade {
  id: string;
  /** What is given to who is invited. It is told once, and kept as a hash. */
  link: string;
  uses: number;
  expiresAt: string;
}

/** An account's first key, from the device that made its secret. */
export interface AccountKeyCreate {
  /** The bytes of claudemesh/account/1. */
  text: string;
  accountSig: string;
  deviceSig: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  deviceName: string;
}

/** The present account key, and the ones before it. */
export interface AccountKeyInfo {
  generation: number;
  /** 32 bytes as 64 lower-case hexadecimal digits. */
  accountPub: string;
  /** What made the present key. */
  record: AccountKeyRecord;
  /** What made the keys before, oldest first: who knows one of them follows the signatures to the present one. */
  history: AccountKeyRecord[];
}

/** One generation of the account key: the first as its device posted it, each later one as a renewal. */
export interface AccountKeyRecord {
  generation: number;
  /** 32 bytes as 64 lower-case hexadecimal digits. */
  accountPub: string;
  /** The bytes of claudemesh/account/1, or of claudemesh/account-renewal/1. */
  text: string;
  /** By this generation's key. */
  accountSig: string;
  deviceSig: string;
  /** The device that signed. */
  devicePub: string;
  createdAt: string;
  /** Of a renewal: by the key before. */
  oldSig?: string;
}

/** Who is signed in, as every answer about it says. */
export interface AccountSummary {
  /** 1 to 64 letters, digits, - or _. */
  userId: string;
  /** Unique on the broker, as it was written at sign-up. */
  username: string;
  displayName: string;
  /** Whether the account runs the broker: the first one does. */
  isOperator: boolean;
}

export interface AddPasskey {
  ceremony: string;
  /** Any JSON. */
  credential: unknown;
  /** What the person calls it. */
  name: string;
}

/** Makes a key for scripts and phones, which acts as the caller over REST; answered by ApiKeyCreated. It never may more than the caller at the time of each request, ends with him, and carries no message keys. */
export interface ApiKeyCreate {
  /** 1 to 80 characters, for people. */
  label: string;
  /** At least one. admin only from admins and the owner. */
  capabilities: KeyCapability[];
  /** Names or ids of topics that the caller may know of, at most 64; absent: every topic that he is shown. Empty: none. */
  topicScopes?: string[];
  /** Absent: when it is revoked. */
  expiresAt?: string;
}

export interface ApiKeyCreated {
  id: string;
  /** The key itself, cm_ and 43 characters. It is told this once; the broker keeps its hash. */
  secret: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  label: string;
  /** The beginning of the secret, to know it by. */
  prefix: string;
  capabilities: KeyCapability[];
  /** Names, as they are now; null: every topic. */
  topicScopes: string[] | null;
  createdAt: string;
  expiresAt?: string;
}

export interface ApiKeyInfo {
  id: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  label: string;
  prefix: string;
  capabilities: KeyCapability[];
  topicScopes: string[] | null;
  createdAt: string;
  lastUsedAt: string | null;
  revokedAt: string | null;
  expiresAt: string | null;
  /** Ours: the member as whom it acts. */
  issuedBy?: string;
}

/** Newest first, revoked ones too: of each member's the last hundred of those. */
export interface ApiKeyListResult {
  keys: ApiKeyInfo[];
  /** Ours: true where there are older ones, beyond 1,000. */
  more?: boolean;
}

export interface ApiKeyRevoked {
  status: KeyRevocation;
  id?: string;
  /** Of not_unique: the ids that begin so. */
  matches?: string[];
}

export interface ApiKeyRotated {
  id: string;
  /** The new one, told this once. */
  secret: string;
  prefix: string;
}

/** An approval as it is kept and given to the new machine. */
export interface ApprovalParts {
  /** The bytes of A. */
  text: string;
  /** Opens with the machine's key and its pairing secret alone. Gone once it was fetched. */
  box: string;
  /** By the account key over A. */
  accountSig: string;
  /** By the approving device's key over A. */
  deviceSig: string;
}

/** Something that was done. Its hash is SHA-256 of previous|mesh id|eventType|actor|canonical payload|createdAt, as 1.x made it. */
export interface AuditEntry {
  /** From 1, without a gap. */
  id: number;
  eventType: string;
  /** What exactly; via in it says by which door, credential by which key or session. */
  payload: unknown;
  /** Over this entry and the hash of the one before, 64 hexadecimal digits. */
  hash: string;
  createdAt: string;
  /** The id of the member who did it; absent: the broker itself did. */
  actor?: string;
}

/** Where a chain ends. */
export interface AuditHead {
  /** The id of the last entry; 0: there is none. */
  seq: number;
  /** Of the last entry; genesis where there is none. */
  hash: string;
}

/** The answer of GET /api/v1/audit. */
export interface AuditPage {
  /** In the order in which it was done. */
  entries: AuditEntry[];
  /** Where the chain ends. */
  head: AuditHead;
}

/** What a page that is opened must know first: GET /api/auth/state. */
export interface AuthState {
  /** There is no account yet: the first is made by the link that the broker printed when it started. */
  needsSetup: boolean;
  signUp: SignUpRule;
  /** Whether the broker sends mail. */
  mail: boolean;
  /** Null: nobody else vouches for people here. */
  oidc?: OidcName;
  /** Null: not signed in. */
  account?: AccountSummary;
  /** What a signed-in page sends with whatever it changes, as X-CSRF-Token. */
  csrf?: string;
}

/** What is left out stays. */
export interface ChangeAccount {
  /** 1 to 80 characters, no control characters, no space first or last. */
  displayName?: string;
  /** Empty: none. */
  email?: string;
}

/** The body of POST /api/v1/topics/{topic}/claim-key: a new key for a topic that has none, sealed to its maker. */
export interface ClaimTopicKey {
  /** 32 bytes as 64 lower-case hexadecimal digits. */
  encryptedKeyPubkey: string;
  encryptedKey: string;
  nonce: string;
}

export interface ConfirmTotp {
  code: string;
}

/** Stores copies of a root that its author left, or that a member lost; answered by CopiesStored. Any member of the scope may: whoever opens a copy compares it with the log's root id. One that is there already is replaced by its recipient's own only. */
export interface CopiesPut {
  scope: string;
  copies: EpochCopy[];
}

export interface CopiesResult {
  scope: string;
  /** Of the newest 64 epochs at most, newest first; older roots come by the links backwards. */
  copies: EpochCopy[];
  /** The current epoch by the log; 0 before the first. */
  epoch: number;
  /** Recipients of the current epoch without a copy, at most 1,000. */
  missing: string[];
}

export interface CopiesStored {
  scope: string;
  /** How many were new. */
  stored: number;
}

/** The body of POST /api/v1/workspaces; answered 201 with WorkspaceCreated. */
export interface CreateWorkspace {
  /** 32 letters and digits, made by the creator so that his signature can name it. */
  mesh_id: string;
  /** The wished short name; a taken one gets a number behind it. */
  slug: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  name: string;
  /** 32 bytes as 64 lower-case hexadecimal digits. */
  owner_pubkey: string;
  /** The owner's own name in it. */
  display_name: string;
  /** Ms since 1970. */
  created_at: number;
  /** 64 bytes by the owner key over T("claudemesh/workspace-create/1", mesh_id, slug, name, owner_pub, created_at). */
  proof: string;
  /** The beginning of its log: genesis and the first epoch, by the owner. Without them it has no log until its owner begins one. */
  records?: SignedRecord[];
  /** Of the first epoch. */
  copies?: EpochCopy[];
}

export interface DeleteAccount {
  /** The username, typed. */
  confirm: string;
}

/** A device that opened the secret by a way of recovery approves itself; a browser that was approved says so which one it is. */
export interface DeviceAdd {
  /** The bytes of A with itself as approver and an empty user code. */
  text: string;
  accountSig: string;
  deviceSig: string;
}

export interface DeviceApprove {
  text: string;
  box: string;
  accountSig: string;
  deviceSig: string;
  /** The device's name as its person typed it: needed of a remote request. Given for one of the same computer, it is approved as remote. */
  typedName?: string;
}

export interface DeviceApproved {
  /** Where the page goes now, so that the machine gets the code that releases its tokens; absent of one approved as remote. */
  loopback?: LoopbackCode;
}

/** The answer to a new machine that asks to be let in. */
export interface DeviceAuthorization {
  /** The machine's own: it fetches its tokens with it. It is told this once; the broker keeps its hash. */
  device_code: string;
  /** What its person reads, BCDF-GHJK. */
  user_code: string;
  /** Where the code is typed. */
  verification_uri: string;
  /** The same with the code in it. The machine adds its fragment, which no browser sends. */
  verification_uri_complete: string;
  /** Seconds. */
  expires_in: number;
  /** Seconds between two questions whether it is approved. */
  interval: number;
}

export interface DeviceInfo {
  /** 32 bytes as 64 lower-case hexadecimal digits. */
  devicePub: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  name: string;
  kind: DeviceKind;
  addedAt: string;
  /** The device that approved it; its own key where it recovered the secret; absent of the account's first. */
  approvedBy?: string;
  /** When a session of it last asked something; absent when it has none. */
  lastSeenAt?: string;
  /** Whether it is the device that asks. */
  current: boolean;
  /** The bytes of A, or of claudemesh/account/1 for the first device. With both signatures it is the device's record. */
  text: string;
  accountSig: string;
  deviceSig: string;
}

export type DeviceKind = 'browser' | 'device';

export interface DeviceList {
  /** Those that are not removed, oldest first. */
  devices: DeviceInfo[];
}

/** A request as the person who is asked sees it, before he says yes. */
export interface DeviceRequestInfo {
  userCode: string;
  /** 32 bytes as 64 lower-case hexadecimal digits. */
  devicePub: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  deviceName: string;
  platform?: string;
  /** From where it came, as the broker sees it. */
  address: string;
  /** It says that it can be reached on 127.0.0.1 of the computer whose browser approves it. Not proved before the click: its tokens are released for nothing but the code that goes that way, unless the device's name is typed as for a remote one. */
  sameComputer: boolean;
  createdAt: string;
  expiresAt: string;
}

/** A root key sealed for one recipient. */
export interface EpochCopy {
  epoch: number;
  /** A member's key, or an open invite's. */
  recipient: string;
  /** 80 bytes: crypto_box_seal of the root key. */
  copy: string;
}

export interface FoundTopicRow {
  id: string;
  /** 1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit. */
  name: string;
  description: string | null;
  /** 1 to 64 letters, digits, - or _. */
  meshId: string;
  meshSlug: string;
  meshName: string;
}

export interface Fresh {
  /** What needs a fresh proof is allowed until then. */
  freshUntil: string;
}

/** Proves again who one is: the body of POST /api/auth/fresh/password. */
export interface FreshPassword {
  /** 1 to 1,024 bytes of text. */
  password: string;
  /** Of the second factor, where the account has one. */
  code?: string;
}

/** Membership of a group, with a role in it, as it is on the wire. Read the name with GroupName@). */
export interface GroupTag {
  name: string;
  role?: string;
}

/** Stores an invite that the owner has signed; answered by InviteCreated. Owners only. */
export interface InviteCreate {
  /** The v1 token, whole: it is what joiners present and how the broker finds the invite; at most 4,096 characters. */
  token: string;
  /** How many members may join with it, 1 to 1,000. */
  uses: number;
}

export interface InviteCreated {
  /** 1 to 64 letters, digits, - or _. */
  inviteId: string;
}

export interface InviteEnded {
  /** The whole id. */
  inviteId: string;
}

/** The answer of GET /api/v1/invites/{id}, which needs no account: what a joiner believes only after the package, opened with the link's secret, says the same. The log is read with GET /api/v1/invites/{id}/log?after=SEQ, answered by LogPage. */
export interface InviteInfo {
  /** 1 to 64 letters, digits, - or _. */
  inviteId: string;
  /** 1 to 64 letters, digits, - or _. */
  meshId: string;
  /** 1 to 64 lower-case letters, digits or - (not first or last). */
  slug: string;
  name: string;
  /** Null where the invite's maker gave none (1.x); then its joiner waits to be admitted. */
  package?: string;
  /** The current root sealed to the invite's key; null before the first epoch. */
  copy?: EpochCopy;
  role: MemberRole;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** The body of POST /api/v1/invites/{id}/mail. */
export interface InviteLetter {
  /** An e-mail address such as ann@example.org, at most 254 characters. */
  email: string;
}

export interface InviteMailed {
  /** The letter is on its way; whether it arrives is not known here. */
  inviteId: string;
}

/** What an invite carries for its joiner; only who has the link's secret can open it. */
export interface InvitePackage {
  /** 1 to 64 letters, digits, - or _. */
  inviteId: string;
  package: string;
}

export interface InvitesList {
  /** Newest first, at most 1,000. */
  invites: OpenInvite[];
}

/** The body of POST /api/v1/join. With records (one join record, and nothing else) its author is a member from then on and is answered JoinedByLog; without, by code alone, he waits until an admin's device admits him. 409 log_moved: read on, sign anew. */
export interface JoinByLog {
  /** 1 to 64 letters, digits, - or _. */
  inviteId: string;
  /** The joiner's member key; the author of the record. */
  pubkey: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  displayName: string;
  /** Milliseconds since 1970, within ten minutes of the broker's clock. */
  joinedAt: number;
  /** 64 bytes by the joining key over T("claudemesh/join-possession/1", mesh_id, SHA-256(invite_id), pubkey, joined_at). */
  possession: string;
  records?: SignedRecord[];
  /** The current root, sealed by the joiner to his own key. */
  copies?: EpochCopy[];
}

export interface JoinedByLog {
  /** 1 to 64 letters, digits, - or _. */
  memberId: string;
  /** 1 to 64 letters, digits, - or _. */
  meshId: string;
  /** 1 to 64 lower-case letters, digits or - (not first or last). */
  slug: string;
  name: string;
  role: MemberRole;
  /** True where he is no member yet: an admin's device has to admit him. */
  waiting: boolean;
}

/** The keys that access tokens are signed with (RFC 7517): the current one first. */
export interface JsonWebKeys {
  keys: PublicJsonWebKey[];
}

/** What a key may do. admin may do all that its issuer may. */
export type KeyCapability = 'send' | 'read' | 'state_write' | 'admin';

export type KeyRevocation = 'revoked' | 'not_found' | 'not_unique';

export interface ListedMember {
  /** 1 to 64 letters, digits, - or _. */
  memberId: string;
  /** 32 bytes as 64 lower-case hexadecimal digits. */
  pubkey: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  displayName: string;
  role: MemberRole;
  /** False for bots. */
  isHuman: boolean;
  joinedAt: string;
  /** True while any connection of the member is, and for five minutes after a request of his over REST. */
  online: boolean;
  /** Of the busiest of his peers. */
  status: MemberStatus;
  /** Written even when null, as 1.x does. */
  summary: string | null;
  /** From here on not of 1.x. */
  kind: MemberKind;
  groups: GroupTag[];
  tags: string[];
}

/** Appends records to the log of a scope, all or none, with the root's sealed copies in the same transaction; answered by LogAppended, or refused with log_moved when somebody was quicker: read on, draft anew. */
export interface LogAppend {
  /** mesh or topic/<topic_id>. */
  scope: string;
  /** 1 to 1,000, in their order; the first follows the head. */
  records: SignedRecord[];
  /** At most 1,000: of epochs that the log has after the records, to recipients that it names. */
  copies?: EpochCopy[];
  /** For each invite among the records what only the holder of its secret can read. */
  packages?: InvitePackage[];
}

/** The log's head after the records. */
export interface LogAppended {
  scope: string;
  seq: number;
  /** 32 bytes as 64 lower-case hexadecimal digits. */
  hash: string;
}

/** Records in their order, and where the log ends now. */
export interface LogPage {
  scope: string;
  records: SignedRecord[];
  /** Of the head; 0 where the log is empty. Larger than the last record's where there is more to read. */
  seq: number;
  /** Of the head; zeros where the log is empty. */
  hash: string;
}

export interface LoginSessionInfo {
  id: string;
  kind: LoginSessionKind;
  /** The browser as it calls itself, or the device's name. */
  name: string;
  /** From where it was signed in. */
  address: string;
  createdAt: string;
  /** When it last got an access token. */
  lastSeenAt: string;
  /** The one that asks. */
  current: boolean;
  /** Moves on each time it gets a token. */
  expiresAt: string;
}

export type LoginSessionKind = 'browser' | 'device';

/** Where an account is signed in, newest first. */
export interface LoginSessionList {
  sessions: LoginSessionInfo[];
}

export interface LoopbackCode {
  /** On 127.0.0.1. */
  port: number;
  /** Once. */
  code: string;
}

/** The body of POST /api/my/account-invites: lets somebody make an account who is invited to no workspace. For operators. */
export interface MakeAccountInvite {
  /** 1 to 100; usually 1. */
  uses?: number;
  /** 1 to 30; usually 7. */
  expiresInDays?: number;
}

/** Makes a token by which a program acts as the account's member over REST, such as in CI; answered by PersonalTokenMade. It carries no keys: what it posts is plain text. */
export interface MakePersonalToken {
  /** For people. */
  name: string;
  /** At least one. */
  scopes: TokenScope[];
  /** 1 to 365. */
  expiresInDays: number;
  /** Slug or id of the only workspace it is for; absent: all of the account's. */
  workspace?: string;
}

/** The body of PUT /api/my/meshes/{id}: the account that is signed in says that a member is its own. */
export interface MemberClaim {
  /** 32 bytes as 64 lower-case hexadecimal digits. */
  memberPub: string;
  /** Ms since 1970, within ten minutes of the broker's clock. */
  at: number;
  /** 64 bytes by the member's key over T("claudemesh/member-claim/1", mesh_id, user_id, member_pub, at). */
  proof: string;
}

export type MemberKind = 'person' | 'bot' | 'legacy';

/** The answer of GET /api/v1/members. */
export interface MemberListing {
  /** In the order of joining; by a key that is limited to topics those who are in them. */
  members: ListedMember[];
  /** For owners and admins: who is to be admitted; absent where nobody waits. */
  waiting?: WaitingMember[];
}

export type MemberRole = 'member' | 'admin' | 'owner';

/** A PresenceStatus, or that nobody of the member is here. */
export type MemberStatus = 'offline' | 'idle' | 'working' | 'dnd';

export interface MeshInfoResult {
  /** The workspace's id. */
  mesh: string;
  peers: number;
  /** With their @. */
  groups: string[];
  stateKeys: string[];
  memoryCount: number;
  fileCount: number;
  tasks: TaskCounts;
  streams: string[];
  tables: string[];
  /** Always empty, as in 1.x. */
  collections: string[];
  yourName: string;
  yourGroups: GroupTag[];
}

/** A post was accepted and is durable. The three ids are one: 1.x had a row for the history and one for its queue. */
export interface MessagePosted {
  /** 32 letters or digits. */
  messageId: string;
  /** 32 letters or digits. */
  historyId: string;
  /** 32 letters or digits. */
  queueId: string;
  /** 1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit. */
  topic: string;
  topicId: string;
  /** Members who were notified because the post mentions them. */
  notifications: number;
  bodyVersion: number;
  /** As asked. */
  replyToId?: string;
  /** Ours: where it stands in the workspace's order. */
  position: number;
}

export interface MessageStatusResult {
  /** As it was asked for. */
  messageId: string;
  targetSpec: string;
  delivered: boolean;
  /** Written even when null, as 1.x does. */
  deliveredAt: string | null;
  recipients: RecipientStatus[];
}

/** One's own account: GET /api/my/account. */
export interface MyAccount {
  account: AccountSummary;
  createdAt: string;
  passkeys: PasskeyInfo[];
  hasPassword: boolean;
  hasTotp: boolean;
  recoveryCodesLeft: number;
  /** An e-mail address such as ann@example.org, at most 254 characters. */
  email?: string;
  /** Absent where there is no address. */
  emailVerified?: boolean;
  links?: OidcLinkInfo[];
}

/** What others have posted, newest first. */
export interface MyActivityRows {
  activity: MyPostRow[];
  totals: MyActivityTotals;
  /** False: more was posted since then. Ask with before to go on; of several workspaces name one for that. */
  complete: boolean;
  /** 32 letters or digits. */
  before?: string;
}

export interface MyActivityTotals {
  events: number;
}

export interface MyMemoryRow {
  id: string;
  /** 1 to 64 letters, digits, - or _. */
  meshId: string;
  meshSlug: string;
  /** Null for one that is encrypted. */
  content: string | null;
  tags: string[];
  rememberedByName: string;
  rememberedAt: string;
  encrypted: boolean;
  /** Of an encrypted one. */
  revision?: number;
}

export interface MyMemoryRows {
  query: string | null;
  /** Newest first, at most 200; with a query the best first, at most 20, and encrypted ones left out. */
  memories: MyMemoryRow[];
  totals: MyMemoryTotals;
}

export interface MyMemoryTotals {
  entries: number;
}

export interface MyMesh {
  /** 1 to 64 letters, digits, - or _. */
  id: string;
  /** 1 to 64 lower-case letters, digits or - (not first or last). */
  slug: string;
  name: string;
  role: MemberRole;
  /** 1 to 64 letters, digits, - or _. */
  memberId: string;
  /** The member's key. */
  memberPub: string;
  displayName: string;
  /** Who was removed or left is not counted. */
  memberCount: number;
  /** Since when it can only be read; absent: it is not. */
  archivedAt?: string;
}

/** The answer of GET /api/my/meshes. */
export interface MyMeshes {
  /** The workspaces in which a member is the account's, in the order of joining. */
  meshes: MyMesh[];
}

export interface MyNotificationRow {
  /** 32 letters or digits. */
  notificationId: string;
  /** 32 letters or digits. */
  messageId: string;
  topicId: string;
  /** 1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit. */
  topicName: string;
  /** 1 to 64 letters, digits, - or _. */
  meshId: string;
  meshSlug: string;
  meshName: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  senderName: string;
  /** The first 240 characters of a plain post; null for one that is encrypted. */
  snippet: string | null;
  /** Of an encrypted one, with nonce and header; null for a plain one. */
  ciphertext: string | null;
  bodyVersion: number;
  read: boolean;
  readAt: string | null;
  createdAt: string;
  nonce?: string;
  header?: string;
}

export interface MyNotificationRows {
  /** Newest first. */
  notifications: MyNotificationRow[];
  totals: MyNotificationTotals;
  /** Ours: whether there are more beyond the last one. */
  more: boolean;
}

export interface MyNotificationTotals {
  /** However old; counted up to 1,000. */
  unread: number;
  /** In this answer. */
  total: number;
}

export interface MyPostRow {
  /** 32 letters or digits. */
  messageId: string;
  topicId: string;
  /** 1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit. */
  topicName: string;
  /** 1 to 64 letters, digits, - or _. */
  meshId: string;
  meshSlug: string;
  meshName: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  senderName: string;
  /** 1 to 64 letters, digits, - or _. */
  senderMemberId: string;
  /** Of a plain post, where it is a text: its first 240 characters, or those about what was found. Null for one that is encrypted. */
  snippet: string | null;
  bodyVersion: number;
  encrypted: boolean;
  createdAt: string;
  /** Of an encrypted one, with nonce and header; a search leaves them out. */
  ciphertext?: string;
  nonce?: string;
  header?: string;
}

/** Topics whose name or description has a text, and posts whose sender's name or, where they are plain, whose text has it. */
export interface MySearchRows {
  /** As asked, without spaces around it. With fewer than two characters nothing is found. */
  query: string;
  topics: FoundTopicRow[];
  /** Newest first. */
  messages: MyPostRow[];
  totals: MySearchTotals;
  /** False: older posts were not looked through. Ask with before to go on; of several workspaces name one for that. */
  complete: boolean;
  /** 32 letters or digits. */
  before?: string;
}

export interface MySearchTotals {
  topics: number;
  messages: number;
}

export interface MyStateRow {
  /** 1 to 64 letters, digits, - or _. */
  meshId: string;
  meshSlug: string;
  key: string;
  /** Null for one that is encrypted. */
  value: unknown;
  updatedByName: string;
  updatedAt: string;
  encrypted: boolean;
  revision: number;
}

export interface MyStateRows {
  /** Newest first, at most 500. */
  entries: MyStateRow[];
  totals: MyStateTotals;
}

export interface MyStateTotals {
  entries: number;
  meshes: number;
}

export interface MyTopicRow {
  topicId: string;
  /** 1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit. */
  name: string;
  description: string | null;
  visibility: TopicVisibility;
  createdAt: string;
  /** 1 to 64 letters, digits, - or _. */
  meshId: string;
  meshSlug: string;
  meshName: string;
  /** 1 to 64 letters, digits, - or _. */
  memberId: string;
  /** Posts of others after what the issuer has read, counted up to 1,000; 0 where he has not joined. */
  unread: number;
  /** Null: nothing was posted. */
  lastMessageAt: string | null;
}

export interface MyTopicRowTotals {
  topics: number;
  unread: number;
}

export interface MyTopicRows {
  /** The newest activity first; those in which nothing was posted last, by name. */
  topics: MyTopicRow[];
  totals: MyTopicRowTotals;
}

export interface MyWorkspaceRow {
  /** 1 to 64 letters, digits, - or _. */
  meshId: string;
  slug: string;
  name: string;
  /** 1 to 64 letters, digits, - or _. */
  memberId: string;
  myRole: MemberRole;
  joinedAt: string;
  /** Members, the issuer among them; of a key that is limited to topics those who are in them. */
  peers: number;
  /** How many of these are connected. */
  online: number;
  /** Those that the key may see, archived ones not counted. */
  topics: number;
  /** Counted up to 1,000. */
  unreadMentions: number;
}

export interface MyWorkspaceTotals {
  meshes: number;
  peers: number;
  online: number;
  topics: number;
  unreadMentions: number;
}

export interface MyWorkspaces {
  /** The account's; of an API key its member's id. */
  userId: string;
  /** By slug. */
  meshes: MyWorkspaceRow[];
  totals: MyWorkspaceTotals;
}

export type NotificationKind = 'mention';

export interface NotificationRecord {
  /** The post's; there is no other of the notification. */
  id: string;
  /** 32 letters or digits. */
  notificationId: string;
  topicId: string;
  /** 1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit. */
  topicName: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  senderName: string;
  /** 32 bytes as 64 lower-case hexadecimal digits. */
  senderPubkey: string;
  ciphertext: string;
  kind: NotificationKind;
  readAt: string | null;
  createdAt: string;
  /** Ours, with bodyVersion and header: what is needed to open an encrypted post. */
  nonce: string;
  bodyVersion: number;
  /** Whether the body is sealed, so that an API key cannot read it. */
  encrypted: boolean;
  position: number;
  header?: string;
  /** The body of one that is not, where it is a text. */
  text?: string;
}

/** The answer of GET /api/v1/notifications: posts that mention the key's issuer, newest first. */
export interface NotificationRows {
  notifications: NotificationRecord[];
  /** As asked, else a day ago. */
  since: string;
  /** The name under which he is mentioned. */
  mentionedAs: string;
  /** How many he has not read, however old, in the topics that the key may see; counted up to 1,000. */
  unread: number;
  /** Whether there are more beyond the last one: ask with before its id. */
  more: boolean;
}

export interface NotificationsMarked {
  /** How many were unread until now. */
  marked: number;
  readAt: string;
}

/** Marks notifications of the caller as read; answered by NotificationsMarked. Exactly one of ids, topic and all. */
export interface NotificationsRead {
  /** Of the posts, 1 to 200. Those that mention somebody else change nothing. */
  ids?: string[];
  /** All of this topic, by id or name. */
  topic?: string;
  all?: boolean;
  /** With topic or all: only those of posts made then or earlier. */
  before?: string;
}

/** A refusal as RFC 6749, 5.2, has it. */
export interface OAuthError {
  /** Such as invalid_grant. */
  error: string;
  /** What, why and what to do. */
  error_description: string;
}

/** Where a client finds the rest (RFC 8414). */
export interface OAuthServer {
  issuer: string;
  token_endpoint: string;
  device_authorization_endpoint: string;
  revocation_endpoint: string;
  jwks_uri: string;
  grant_types_supported: string[];
  response_types_supported: string[];
  scopes_supported: string[];
  token_endpoint_auth_methods_supported: string[];
  revocation_endpoint_auth_methods_supported: string[];
  service_documentation: string;
}

/** The answer of POST /oauth/token. */
export interface OAuthTokens {
  access_token: string;
  token_type: string;
  /** Seconds that the access token lives. */
  expires_in: number;
  /** Good once; the answer to it has the next. */
  refresh_token: string;
  scope: string;
  /** The account's id, which a device compares with the one it knows. */
  sub: string;
  /** Of a device that has just been approved. */
  approval?: ApprovalParts;
}

/** What an object is. Each kind has a key of its own. */
export type ObjectKind = 'state' | 'memory' | 'summary' | 'schedule';

export interface ObjectPage {
  objects: SealedObject[];
  /** The last change that the page covers: ask on after it. */
  change: number;
  /** Whether there is more after it. */
  more: boolean;
}

/** Stores a revision of an object (a state value, a memory, a summary), sealed; answered by ObjectStored, or refused with revision_conflict unless the revision is above the stored one and follows after. */
export interface ObjectPut {
  kind: ObjectKind;
  /** 1 to 256 characters; visible to the broker. A memory's is a random id, a summary's the member's key, and for a session / and its id behind it. */
  name: string;
  /** As in the header. */
  revision: number;
  /** The associated data of the ciphertext. */
  header: string;
  nonce: string;
  ciphertext: string;
  /** The revision that the writer has seen; 0: the object must not be there. Absent: whatever is there. */
  after?: number;
  /** True: what is sealed says that there is nothing more; the body before it is removed, and the name lists as deleted. */
  deleted?: boolean;
}

export interface ObjectStored {
  kind: ObjectKind;
  name: string;
  revision: number;
  /** The number of this change in the workspace; see ObjectList. */
  change: number;
}

/** A provider that may sign the account in. */
export interface OidcLinkInfo {
  issuer: string;
  linkedAt: string;
}

export interface OidcName {
  /** How the button is called. */
  name: string;
}

/** An invite that is neither used up, expired nor revoked. Its token is not here: the broker keeps only a hash of it. */
export interface OpenInvite {
  /** 1 to 64 letters, digits, - or _. */
  inviteId: string;
  role: MemberRole;
  usesLeft: number;
  usesMax: number;
  createdAt: string;
  expiresAt: string;
  /** The maker's name. */
  createdBy: string;
}

/** The authenticator's answer. */
export interface PasskeyAnswer {
  ceremony: string;
  /** credential.toJSON() with clientExtensionResults emptied: what a passkey derives opens the recovery of the account secret, and a body that has it in it is refused. */
  credential: unknown;
}

/** What the browser is asked for. */
export interface PasskeyCeremony {
  /** Sent back with the answer; good once, for five minutes, in the browser that asked. */
  ceremony: string;
  /** For PublicKeyCredential.parseCreationOptionsFromJSON or parseRequestOptionsFromJSON. */
  options: unknown;
}

export interface PasskeyInfo {
  /** The credential's id in base64url. */
  id: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  name: string;
  createdAt: string;
  /** Whether its provider keeps copies, as synced passkeys have. */
  backedUp: boolean;
  /** Whether a recovery of the account secret is kept for it. */
  recovers: boolean;
  lastUsedAt?: string;
}

export interface PasskeySignIn {
  /** Null: the authenticator knows whose it is. */
  username?: string;
}

/** Asks for a passkey sign-up: answered by PasskeyCeremony. */
export interface PasskeySignUp {
  /** 2 to 32 of the letters a to z, digits, . _ and -, with a letter or digit first and last and after each mark. */
  username: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  displayName: string;
  /** An e-mail address such as ann@example.org, at most 254 characters. */
  email?: string;
  setup?: string;
  invite?: string;
}

/** One peer that can be addressed now. */
export interface Peer {
  /** The address for 1.x bodies: the session's key, else the member's. */
  pubkey: string;
  /** The lasting identity, and the address for our bodies. */
  memberPubkey: string;
  displayName: string;
  status: PresenceStatus;
  /** Written even when null, as 1.x does. */
  summary: string | null;
  groups: GroupTag[];
  sessionId: string;
  connectedAt: string;
  cwd: string;
  peerRole: PeerRole;
  hostname?: string;
  peerType?: string;
  channel?: string;
  model?: string;
  stats?: PeerStats;
  visible?: boolean;
  profile?: PeerProfile;
  /** Ours; absent from brokers of 1.x, and so are tags and protocol. */
  memberId?: string;
  tags?: string[];
  /** 3: reads version 3 bodies; 1: an original client. */
  protocol?: number;
  /** By which door it is here. Of rest: a member whose API key was used within five minutes, or has a stream open. */
  via?: PeerDoor;
}

export type PeerDoor = 'ws' | 'rest';

/** What a peer says of itself; absent fields were never set. */
export interface PeerProfile {
  avatar?: string;
  title?: string;
  bio?: string;
  capabilities?: string[];
}

export type PeerRole = 'control-plane' | 'session' | 'service';

export interface PeerStats {
  messagesIn?: number;
  messagesOut?: number;
  toolCalls?: number;
  /** Seconds. */
  uptime?: number;
  errors?: number;
}

export interface PeersList {
  /** By time of connecting, the caller included; hidden peers only to their own member. */
  peers: Peer[];
}

export interface PendingSeal {
  /** 1 to 64 letters, digits, - or _. */
  memberId: string;
  /** 32 bytes as 64 lower-case hexadecimal digits. */
  pubkey: string;
  displayName: string;
}

/** The answer of GET /api/v1/topics/{topic}/pending-seals. */
export interface PendingSeals {
  /** 1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit. */
  topic: string;
  topicId: string;
  /** Null where the topic has no key of 1.x; written even then. */
  senderPubkey: string | null;
  /** Members of the topic without a copy to their present key, at most 50, in the order of joining. */
  pending: PendingSeal[];
}

export interface PersonalTokenInfo {
  id: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  name: string;
  prefix: string;
  scopes: TokenScope[];
  createdAt: string;
  expiresAt: string;
  /** Slug of the only workspace it is for. */
  workspace?: string;
  lastUsedAt?: string;
  revokedAt?: string;
}

/** Newest first, those that are over too: of these the last fifty. */
export interface PersonalTokenList {
  tokens: PersonalTokenInfo[];
}

export interface PersonalTokenMade {
  id: string;
  /** The token itself, cmp_ and 43 characters. It is told this once; the broker keeps its hash. */
  token: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  name: string;
  /** The beginning, to know it by. */
  prefix: string;
  scopes: TokenScope[];
  createdAt: string;
  expiresAt: string;
  /** Slug of the only workspace it is for. */
  workspace?: string;
}

/** The body of POST /api/v1/messages; answered by MessagePosted. */
export interface PostMessage {
  /** Id or name. */
  topic: string;
  /** The body: of version 1 the UTF-8 bytes of a text, of versions 2 and 3 what was sealed. */
  ciphertext?: string;
  /** 24 bytes; of version 1 it may be left out, since nothing is sealed with it. */
  nonce?: string;
  /** In place of both, of version 1 only: the text itself. */
  text?: string;
  /** Absent: next. */
  priority?: Priority;
  /** 1 (absent) for plain text, 2 for a body under a 1.x topic key, 3 for ours. */
  bodyVersion?: number;
  /** Names, at most 16 of 1 to 64 characters; a leading @ and capitals make no difference. */
  mentions?: string[];
  /** The id of a message of the same topic. */
  replyToId?: string;
  /** The associated data of a version 3 body. */
  header?: string;
}

/** What a peer is doing; decides which priorities reach it. */
export type PresenceStatus = 'idle' | 'working' | 'dnd';

/** How urgent a message is. Each priority is a lane of its own; its number is the lane's. now overtakes the others by design. */
export type Priority = 'now' | 'next' | 'low';

/** A refusal over HTTP: problem details of RFC 9457 that also carry what older clients read. */
export interface Problem {
  /** urn:claudemesh:error: and the code. */
  type: string;
  /** The code in words. */
  title: string;
  /** The HTTP status. */
  status: number;
  /** What, why and what to do. */
  detail: string;
  /** The code again: 1.x reads this name. */
  error: string;
  /** The refusal's stable code; see MeshError. */
  code: string;
  /** False where 1.x answers with ok, otherwise absent. */
  ok?: boolean;
}

export interface PublicJsonWebKey {
  kty: string;
  crv: string;
  /** Base64url, like y. */
  x: string;
  y: string;
  use: string;
  alg: string;
  kid: string;
}

export type RecipientState = 'delivered' | 'held' | 'disconnected';

export interface RecipientStatus {
  name: string;
  /** The peer's key as listed; for a peer that is not listed the first 16 characters of the target. */
  pubkey: string;
  status: RecipientState;
}

export interface RecoveryCodes {
  /** Ten, each good once in place of a code of the authenticator. Told this once; earlier ones are over. */
  codes: string[];
}

export interface RecoveryInfo {
  id: string;
  kind: RecoveryKind;
  generation: number;
  createdAt: string;
  /** The passkey's id, of prf. */
  credentialId?: string;
  /** 77 bytes; absent where they are withheld. */
  blob?: string;
}

export type RecoveryKind = 'key' | 'prf';

export interface RecoveryList {
  blobs: RecoveryInfo[];
  /** True where the blobs themselves are left out: prove yourself once more and ask again. */
  withheld?: boolean;
}

export interface RecoveryPut {
  blob: string;
  /** Of the secret inside: the present one. */
  generation: number;
  /** The passkey's id, 1 to 1,023 bytes; of prf only. */
  credentialId?: string;
}

export interface RecoveryStored {
  id: string;
}

export interface RenamePasskey {
  /** 1 to 80 characters, no control characters, no space first or last. */
  name: string;
}

/** Changes a workspace's short name, what it is called, or both; answered by WorkspaceRenamed. Owners only. */
export interface RenameWorkspace {
  /** The new short name. Unlike at creation a taken one is refused: the owner has said which he wants. */
  slug?: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  name?: string;
}

/** The account secret sealed to one device. */
export interface RenewalCopy {
  /** 32 bytes as 64 lower-case hexadecimal digits. */
  devicePub: string;
  sealed: string;
}

/** A renewal as its devices check it. */
export interface RenewalInfo {
  text: string;
  oldSig: string;
  newSig: string;
  deviceSig: string;
  /** For the device that asks; absent when it was added afterwards, or is none. */
  copy?: string;
}

/** An account's next secret: it takes the account from the devices that are removed, and from every way of recovery so far. */
export interface RenewalRequest {
  /** The bytes of claudemesh/account-renewal/1. */
  text: string;
  /** By the present account key. */
  oldSig: string;
  /** By the next one. */
  newSig: string;
  /** By a device that stays. */
  deviceSig: string;
  /** Those of the text. */
  removedDevices: string[];
  /** The next secret for each device that stays, and for no other. */
  copies: RenewalCopy[];
}

/** The body of POST /api/v1/topics/{topic}/seal: the topic's key, sealed to another member of it. */
export interface SealTopicKey {
  /** 1 to 64 letters, digits, - or _. */
  memberId: string;
  encryptedKey: string;
  nonce: string;
}

/** An object as the broker keeps it. One that a 1.x client wrote is plain: it has no header and no nonce, its body is readable, and clients show it as not encrypted, written by whom the server says. */
export interface SealedObject {
  kind: ObjectKind;
  name: string;
  /** Of a plain one: the broker's count. */
  revision: number;
  change: number;
  header: string;
  nonce: string;
  ciphertext: string;
  /** True: the name had a value, and has none now. */
  deleted: boolean;
  /** True: written by a 1.x client. A state's body is its JSON, a memory's is {"text", "tags"}. A name can have a sealed and a plain object. */
  plain: boolean;
  /** The writer's name, as the broker says. */
  writtenBy: string;
  writtenAt: string;
}

/** The answer of GET /api/v1/topics/{topic}/key: the topic's 1.x key, sealed to the caller. */
export interface SealedTopicKey {
  /** Its name. */
  topic: string;
  topicId: string;
  /** 80 bytes: the sealer's X25519 key, and crypto_box_easy of the key. */
  encryptedKey: string;
  /** 24 bytes. */
  nonce: string;
  /** What the key's maker gave as its public key; the one to open with is in encryptedKey. */
  senderPubkey: string;
  createdAt: string;
  /** Not of 1.x: which member the copy is from, as the broker saw it. */
  sealedBy: string;
}

export interface SecondFactor {
  /** From SignInStep. */
  ceremony: string;
  /** Six digits of the authenticator, or a recovery code. */
  code: string;
}

export interface SetPassword {
  /** 1 to 1,024 bytes of text. */
  password: string;
}

/** The body of POST /api/auth/sign-in; answered by SignInStep. */
export interface SignIn {
  /** As it was written at sign-up, or in any spelling that looks like it. */
  username: string;
  /** 1 to 1,024 bytes of text. */
  password: string;
}

/** Signed in; or, where secondFactor is there and nothing else, half way. */
export interface SignInStep {
  account?: AccountSummary;
  csrf?: string;
  freshUntil?: string;
  /** The ceremony that POST /api/auth/second-factor ends, within five minutes. */
  secondFactor?: string;
}

/** The body of POST /api/auth/sign-up; answered by SignedInBrowser. */
export interface SignUp {
  /** 2 to 32 of the letters a to z, digits, . _ and -, with a letter or digit first and last and after each mark. */
  username: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  displayName: string;
  /** 1 to 1,024 bytes of text. */
  password: string;
  /** An e-mail address such as ann@example.org, at most 254 characters. */
  email?: string;
  /** The token of the set-up link: makes the first account, which runs the broker. */
  setup?: string;
  /** The id of an open invite. */
  invite?: string;
}

/** Who may make an account. */
export type SignUpRule = 'invite' | 'open' | 'closed';

/** A browser is signed in: its tokens are in its cookies. */
export interface SignedInBrowser {
  account: AccountSummary;
  /** To be sent in the header X-CSRF-Token with every request that is not a GET. */
  csrf: string;
  /** Until when nothing asks for passkey or password again. */
  freshUntil: string;
}

/** A record as it travels and is kept: the bytes of R and the author's signature over them, each sent as base64. */
export interface SignedRecord {
  record: string;
  signature: string;
}

export interface StateEntry {
  key: string;
  /** Any JSON. */
  value: unknown;
  updatedBy: string;
  updatedAt: string;
}

export interface StateList {
  entries: StateEntry[];
}

/** The body of PUT /api/v1/state/{key}. */
export interface StateValue {
  /** Any JSON but null. */
  value: unknown;
}

export interface TaskCounts {
  open: number;
  claimed: number;
  done: number;
}

/** What a personal token may do. admin may do all that the member may. */
export type TokenScope = 'read' | 'post' | 'state' | 'admin';

/** The body of PATCH /api/v1/topics/{topic}: as TopicUpdate. */
export interface TopicChange {
  /** 1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit. */
  name?: string;
  description?: string;
  archived?: boolean;
  retentionDays?: number;
}

/** Makes a topic, or finds it: answered by TopicCreated. Whoever makes it is its lead; one that is there already is joined only as anybody may join it. */
export interface TopicCreate {
  /** 1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit. */
  name: string;
  /** At most 500 characters. */
  description?: string;
  /** Absent: public. */
  visibility?: TopicVisibility;
  /** Ours: chosen by the maker, 32 letters and digits, because the topic's own log is signed for it. Absent: the broker makes one. */
  topicId?: string;
  /** Ours, of a private or dm topic: genesis, first epoch and admissions of its own log. Without them only a 1.x client can make one, and nobody can write in it encrypted. */
  records?: SignedRecord[];
  /** With records. */
  copies?: EpochCopy[];
}

export interface TopicCreated {
  topic: TopicHead;
  /** False when it was there. */
  created: boolean;
}

export interface TopicHead {
  id: string;
  /** 1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit. */
  name: string;
  visibility: TopicVisibility;
}

/** From role on ours; 1.x ignores them. */
export interface TopicInfo {
  id: string;
  /** 1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit. */
  name: string;
  description: string | null;
  visibility: TopicVisibility;
  memberCount: number;
  createdAt: string;
  /** The caller's role in it; null where he has not joined. */
  role?: TopicRole;
  archivedAt?: string;
  /** Of its newest message; 0 for none. */
  lastPosition?: number;
  /** How far the caller has read, from the topic's end when he joined on; 0 where he has not joined. */
  lastReadPosition?: number;
  /** How long its messages are kept; null: for ever. */
  retentionDays?: number;
  /** Whether bodies that are not encrypted are admitted in it. */
  plainIn?: boolean;
  /** Posts of others after what the caller has read, counted up to 1,000: that many may be more. 0 where he has not joined. */
  unread?: number;
}

export interface TopicKeyClaimed {
  /** 1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit. */
  topic: string;
  topicId: string;
  /** 32 bytes as 64 lower-case hexadecimal digits. */
  senderPubkey: string;
  /** 1 to 64 letters, digits, - or _. */
  memberId: string;
  claimed: boolean;
}

export interface TopicKeySealed {
  /** 1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit. */
  topic: string;
  topicId: string;
  /** 1 to 64 letters, digits, - or _. */
  memberId: string;
  sealedAt: string;
}

/** By name. At most 10,000. */
export interface TopicList {
  topics: TopicInfo[];
}

export interface TopicMember {
  /** 1 to 64 letters, digits, - or _. */
  memberId: string;
  /** 32 bytes as 64 lower-case hexadecimal digits. */
  pubkey: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  displayName: string;
  role: TopicRole;
  joinedAt: string;
  lastReadAt: string | null;
}

export interface TopicMembersResult {
  /** As asked. */
  topic: string;
  members: TopicMember[];
}

/** The answer of PATCH /api/v1/topics/{topic}/read. */
export interface TopicRead {
  /** 1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit. */
  topic: string;
  topicId: string;
  /** When the mark was moved. */
  readAt: string;
  /** Ours: how far the member has read; never less than before. */
  position: number;
}

export type TopicRole = 'observer' | 'member' | 'lead';

/** A message of a topic, as REST and streams show it. From topic on ours. */
export interface TopicRow {
  /** 32 letters or digits. */
  id: string;
  /** 1 to 64 letters, digits, - or _. */
  senderMemberId: string;
  /** The member's key, whatever session sent it. */
  senderPubkey: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  senderName: string;
  /** Empty where the sender gave none. */
  nonce: string;
  ciphertext: string;
  /** 1, 2 or 3; see PostMessage. */
  bodyVersion: number;
  replyToId: string | null;
  createdAt: string;
  /** 1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit. */
  topic: string;
  topicId: string;
  position: number;
  priority: Priority;
  /** Whether the body is sealed, so that an API key cannot read it. */
  encrypted: boolean;
  header?: string;
  /** The body of one that is not, where it is a text. */
  text?: string;
}

/** The answer of GET /api/v1/topics/{topic}/messages. */
export interface TopicRowPage {
  /** 1 to 50 lower-case letters, digits, '-', '_' or '.', beginning with a letter or digit. */
  topic: string;
  topicId: string;
  /** Newest first; with after oldest first. Fewer than asked for may be given, so that the answer stays small. */
  messages: TopicRow[];
  /** Ours: whether there are more beyond the last one. */
  more: boolean;
}

export type TopicVisibility = 'public' | 'private' | 'dm';

/** A second factor that counts once it has shown one good code. */
export interface TotpSecret {
  /** In base32, for typing. Told this once. */
  secret: string;
  /** The same for a QR: otpauth://totp/…. */
  uri: string;
}

export interface VaultInfo {
  /** 0 and no blob while nothing is stored. */
  version: number;
  blob?: string;
}

export interface VaultPut {
  /** One more than the stored one. */
  version: number;
  /** At most 1 MiB. */
  blob: string;
}

/** Somebody who is no member yet: an admit record with this id and key makes him one. */
export interface WaitingMember {
  /** 1 to 64 letters, digits, - or _. */
  memberId: string;
  /** 32 bytes as 64 lower-case hexadecimal digits. */
  pubkey: string;
  /** As he calls himself; compare his fingerprint. */
  displayName: string;
  /** 1 to 64 letters, digits, - or _. */
  inviteId: string;
  /** What the invite gives. */
  role: MemberRole;
  kind: MemberKind;
  since: string;
}

export interface WorkspaceArchived {
  /** Since when; absent: it is not. */
  archivedAt?: string;
}

export interface WorkspaceCreated {
  /** 1 to 64 letters, digits, - or _. */
  mesh_id: string;
  /** The short name that it got. */
  slug: string;
  /** 1 to 80 characters, no control characters, no space first or last. */
  name: string;
  /** 1 to 64 letters, digits, - or _. */
  member_id: string;
}

export interface WorkspaceDeleted {
  /** The short name that it had; another may have it now. */
  slug: string;
}

export interface WorkspaceLeft {
}

/** As it is now. */
export interface WorkspaceRenamed {
  /** 1 to 64 lower-case letters, digits or - (not first or last). */
  slug: string;
  name: string;
}

/** What each route takes and answers; null is nothing. */
export interface Routes {
  /** Lists your API keys, for an admin everybody's. */
  'GET /api/v1/api-keys': {
    path: null;
    query: null;
    body: null;
    reply: ApiKeyListResult;
  };
  /** Makes an API key and tells its secret, once. */
  'POST /api/v1/api-keys': {
    path: null;
    query: null;
    body: ApiKeyCreate;
    reply: ApiKeyCreated;
  };
  /** Ends an API key, and what it has open. */
  'DELETE /api/v1/api-keys/{id}': {
    path: { id: string };
    query: null;
    body: null;
    reply: ApiKeyRevoked;
  };
  /** Gives an API key another secret and ends the old one. */
  'POST /api/v1/api-keys/{id}/rotate': {
    path: { id: string };
    query: null;
    body: null;
    reply: ApiKeyRotated;
  };
  /** Posts a message in a topic. */
  'POST /api/v1/messages': {
    path: null;
    query: null;
    body: PostMessage;
    reply: MessagePosted;
  };
  /** Reads a page of a topic's messages. */
  'GET /api/v1/topics/{topic}/messages': {
    path: { topic: string };
    query: { limit?: number; before?: string; after?: string };
    body: null;
    reply: TopicRowPage;
  };
  /** Marks a topic as read by the key's issuer. */
  'PATCH /api/v1/topics/{topic}/read': {
    path: { topic: string };
    query: { through?: string };
    body: null;
    reply: TopicRead;
  };
  /** Follows a topic's messages as events. */
  'GET /api/v1/topics/{topic}/stream': {
    path: { topic: string };
    query: { after?: string };
    body: null;
    reply: null;
  };
  /** Follows the messages of all topics that the key may see, those made later too. */
  'GET /api/v1/stream': {
    path: null;
    query: { after?: string };
    body: null;
    reply: null;
  };
  /** Lists who is here. */
  'GET /api/v1/peers': {
    path: null;
    query: null;
    body: null;
    reply: PeersList;
  };
  /** Gives an overview of the workspace. */
  'GET /api/v1/workspace': {
    path: null;
    query: null;
    body: null;
    reply: MeshInfoResult;
  };
  /** Gives the workspace another short name or title. */
  'PATCH /api/v1/workspace': {
    path: null;
    query: null;
    body: RenameWorkspace;
    reply: WorkspaceRenamed;
  };
  /** Ends the workspace for everybody at once and deletes all of it. */
  'DELETE /api/v1/workspace': {
    path: null;
    query: { confirm?: string };
    body: null;
    reply: WorkspaceDeleted;
  };
  /** Makes the workspace read-only; nobody is let in either. */
  'POST /api/v1/workspace/archive': {
    path: null;
    query: null;
    body: null;
    reply: WorkspaceArchived;
  };
  /** Brings an archived workspace back as it was. */
  'POST /api/v1/workspace/unarchive': {
    path: null;
    query: null;
    body: null;
    reply: WorkspaceArchived;
  };
  /** Ends your membership; with an owner, who must be the last, the workspace. */
  'POST /api/v1/workspace/leave': {
    path: null;
    query: null;
    body: null;
    reply: WorkspaceLeft;
  };
  /** Makes a workspace; who holds the owner's key signs for it. */
  'POST /api/v1/workspaces': {
    path: null;
    query: null;
    body: CreateWorkspace;
    reply: WorkspaceCreated;
  };
  /** Lists everybody who belongs to the workspace, in the order of joining. */
  'GET /api/v1/members': {
    path: null;
    query: null;
    body: null;
    reply: MemberListing;
  };
  /** Shows one member, by id or key. */
  'GET /api/v1/members/{member}': {
    path: { member: string };
    query: null;
    body: null;
    reply: ListedMember;
  };
  /** Reads what was done in the workspace and by whom, in its order; each entry's hash covers the one before. */
  'GET /api/v1/audit': {
    path: null;
    query: { after?: number; limit?: number };
    body: null;
    reply: AuditPage;
  };
  /** Tells where the chain ends: keep it, and you notice when it is cut or written anew. */
  'GET /api/v1/audit/head': {
    path: null;
    query: null;
    body: null;
    reply: AuditHead;
  };
  /** Lists the topics that you may know of, by name. */
  'GET /api/v1/topics': {
    path: null;
    query: { archived?: boolean };
    body: null;
    reply: TopicList;
  };
  /** Makes a topic with you as its lead, or joins the public one of that name. */
  'POST /api/v1/topics': {
    path: null;
    query: null;
    body: TopicCreate;
    reply: TopicCreated;
  };
  /** Shows one topic. */
  'GET /api/v1/topics/{topic}': {
    path: { topic: string };
    query: null;
    body: null;
    reply: TopicInfo;
  };
  /** Changes what is given of a topic; its leads and the workspace's admins may. */
  'PATCH /api/v1/topics/{topic}': {
    path: { topic: string };
    query: null;
    body: TopicChange;
    reply: TopicInfo;
  };
  /** Joins you to a public topic; joining twice changes nothing. */
  'POST /api/v1/topics/{topic}/join': {
    path: { topic: string };
    query: { role?: string };
    body: null;
    reply: TopicInfo;
  };
  /** Takes you out of a topic. */
  'POST /api/v1/topics/{topic}/leave': {
    path: { topic: string };
    query: null;
    body: null;
    reply: null;
  };
  /** Lists who is in a topic, in the order in which they came. */
  'GET /api/v1/topics/{topic}/members': {
    path: { topic: string };
    query: null;
    body: null;
    reply: TopicMembersResult;
  };
  /** Gives the topic's 1.x key as it is sealed to you. */
  'GET /api/v1/topics/{topic}/key': {
    path: { topic: string };
    query: null;
    body: null;
    reply: SealedTopicKey;
  };
  /** Gives back a copy that you cannot open, so that another is sealed to you. */
  'DELETE /api/v1/topics/{topic}/key': {
    path: { topic: string };
    query: null;
    body: null;
    reply: null;
  };
  /** Gives a 1.x key to a topic that has none, or one that nobody holds any more. */
  'POST /api/v1/topics/{topic}/claim-key': {
    path: { topic: string };
    query: null;
    body: ClaimTopicKey;
    reply: TopicKeyClaimed;
  };
  /** Lists the members of the topic to whose present key its 1.x key is not sealed. */
  'GET /api/v1/topics/{topic}/pending-seals': {
    path: { topic: string };
    query: null;
    body: null;
    reply: PendingSeals;
  };
  /** Stores the topic's 1.x key, sealed by you to another member of it. */
  'POST /api/v1/topics/{topic}/seal': {
    path: { topic: string };
    query: null;
    body: SealTopicKey;
    reply: TopicKeySealed;
  };
  /** Lists the invites that can still be used, newest first. */
  'GET /api/v1/invites': {
    path: null;
    query: null;
    body: null;
    reply: InvitesList;
  };
  /** Keeps a 1.x invite that the owner has signed. */
  'POST /api/v1/invites': {
    path: null;
    query: null;
    body: InviteCreate;
    reply: InviteCreated;
  };
  /** Shows an open invite of the log to who is about to join by it. */
  'GET /api/v1/invites/{id}': {
    path: { id: string };
    query: null;
    body: null;
    reply: InviteInfo;
  };
  /** Ends an open 1.x invite, by its id or a beginning that only it has. */
  'DELETE /api/v1/invites/{id}': {
    path: { id: string };
    query: null;
    body: null;
    reply: InviteEnded;
  };
  /** Reads the workspace's log before joining. */
  'GET /api/v1/invites/{id}/log': {
    path: { id: string };
    query: { after?: number };
    body: null;
    reply: LogPage;
  };
  /** Joins by an invite of the log. */
  'POST /api/v1/join': {
    path: null;
    query: null;
    body: JoinByLog;
    reply: JoinedByLog;
  };
  /** Writes an open invite of the log to somebody: its link without the secret, so he waits to be admitted. */
  'POST /api/v1/invites/{id}/mail': {
    path: { id: string };
    query: null;
    body: InviteLetter;
    reply: InviteMailed;
  };
  /** Reads the signed log of the workspace, or of a topic that you are in. */
  'GET /api/v1/log': {
    path: null;
    query: { scope?: string; after?: number; limit?: number };
    body: null;
    reply: LogPage;
  };
  /** Appends records that members have signed, all of them or none. */
  'POST /api/v1/log': {
    path: null;
    query: null;
    body: LogAppend;
    reply: LogAppended;
  };
  /** Gives the roots that were sealed to your keys, and tells whose copy is missing. */
  'GET /api/v1/copies': {
    path: null;
    query: { scope?: string; keys?: string };
    body: null;
    reply: CopiesResult;
  };
  /** Stores copies of a root that its author left, or that a member lost. */
  'POST /api/v1/copies': {
    path: null;
    query: null;
    body: CopiesPut;
    reply: CopiesStored;
  };
  /** Lists what changed in the workspace's objects after a change, oldest first. */
  'GET /api/v1/objects': {
    path: null;
    query: { kind?: string; after?: number; limit?: number };
    body: null;
    reply: ObjectPage;
  };
  /** Stores a revision of an object that its author has sealed. */
  'PUT /api/v1/objects': {
    path: null;
    query: null;
    body: ObjectPut;
    reply: ObjectStored;
  };
  /** Lists the shared values that are kept in clear, by key. */
  'GET /api/v1/state': {
    path: null;
    query: null;
    body: null;
    reply: StateList;
  };
  /** Shows one shared value that is kept in clear. */
  'GET /api/v1/state/{key}': {
    path: { key: string };
    query: null;
    body: null;
    reply: StateEntry;
  };
  /** Sets a shared value in clear, where the workspace admits that. */
  'PUT /api/v1/state/{key}': {
    path: { key: string };
    query: null;
    body: StateValue;
    reply: null;
  };
  /** Tells what became of a message of yours, by its id or the first 8 characters and more. */
  'GET /api/v1/messages/{id}': {
    path: { id: string };
    query: null;
    body: null;
    reply: MessageStatusResult;
  };
  /** Lists posts that mention you, newest first. */
  'GET /api/v1/notifications': {
    path: null;
    query: { since?: string; unread?: boolean; limit?: number; before?: string };
    body: null;
    reply: NotificationRows;
  };
  /** Marks notifications as read: by ids, of a topic, or all. */
  'POST /api/v1/notifications/read': {
    path: null;
    query: null;
    body: NotificationsRead;
    reply: NotificationsMarked;
  };
  /** Shows who you are in your workspaces, and how much there is in them. */
  'GET /api/v1/me/workspace': {
    path: null;
    query: null;
    body: null;
    reply: MyWorkspaces;
  };
  /** Lists topics with what you have not read, the newest activity first. */
  'GET /api/v1/me/topics': {
    path: null;
    query: null;
    body: null;
    reply: MyTopicRows;
  };
  /** Lists posts that mention you and that you have not read, newest first. */
  'GET /api/v1/me/notifications': {
    path: null;
    query: { include?: string; since?: string; limit?: number; before?: string };
    body: null;
    reply: MyNotificationRows;
  };
  /** Lists what others have posted, newest first. */
  'GET /api/v1/me/activity': {
    path: null;
    query: { since?: string; limit?: number; before?: string };
    body: null;
    reply: MyActivityRows;
  };
  /** Finds topics by name and description, and posts by their sender's name and their plain text. */
  'GET /api/v1/me/search': {
    path: null;
    query: { q?: string; limit?: number; before?: string };
    body: null;
    reply: MySearchRows;
  };
  /** Lists shared values, newest first; encrypted ones by name and revision. */
  'GET /api/v1/me/state': {
    path: null;
    query: { key?: string };
    body: null;
    reply: MyStateRows;
  };
  /** Lists memories, newest first; encrypted ones by name and revision. */
  'GET /api/v1/me/memory': {
    path: null;
    query: { q?: string };
    body: null;
    reply: MyMemoryRows;
  };
  /** Tells who is signed in, and what can be done where nobody is. */
  'GET /api/auth/state': {
    path: null;
    query: null;
    body: null;
    reply: AuthState;
  };
  /** Makes an account with a password, and signs in. */
  'POST /api/auth/sign-up': {
    path: null;
    query: null;
    body: SignUp;
    reply: SignedInBrowser;
  };
  /** Signs in by name and password. */
  'POST /api/auth/sign-in': {
    path: null;
    query: null;
    body: SignIn;
    reply: SignInStep;
  };
  /** Ends a sign-in by a code. */
  'POST /api/auth/second-factor': {
    path: null;
    query: null;
    body: SecondFactor;
    reply: SignInStep;
  };
  /** Begins an account with a passkey. */
  'POST /api/auth/passkeys/sign-up-options': {
    path: null;
    query: null;
    body: PasskeySignUp;
    reply: PasskeyCeremony;
  };
  /** Makes the account, and signs in. */
  'POST /api/auth/passkeys/sign-up': {
    path: null;
    query: null;
    body: PasskeyAnswer;
    reply: SignedInBrowser;
  };
  /** Begins a sign-in by a passkey. */
  'POST /api/auth/passkeys/options': {
    path: null;
    query: null;
    body: PasskeySignIn;
    reply: PasskeyCeremony;
  };
  /** Signs in by a passkey. */
  'POST /api/auth/passkeys/sign-in': {
    path: null;
    query: null;
    body: PasskeyAnswer;
    reply: SignedInBrowser;
  };
  /** Shows again who you are, by the password. */
  'POST /api/auth/fresh/password': {
    path: null;
    query: null;
    body: FreshPassword;
    reply: Fresh;
  };
  /** Begins to show again who you are. */
  'POST /api/auth/fresh/passkey-options': {
    path: null;
    query: null;
    body: null;
    reply: PasskeyCeremony;
  };
  /** Shows again who you are, by a passkey. */
  'POST /api/auth/fresh/passkey': {
    path: null;
    query: null;
    body: PasskeyAnswer;
    reply: Fresh;
  };
  /** Sends the browser to the OpenID provider; of who is signed in, to link him. */
  'GET /api/auth/oidc/start': {
    path: null;
    query: { returnTo?: string; setup?: string; invite?: string };
    body: null;
    reply: null;
  };
  /** Takes the browser back from the OpenID provider. */
  'GET /api/auth/oidc/callback': {
    path: null;
    query: { code?: string; state?: string };
    body: null;
    reply: null;
  };
  /** The link of a letter: shows that an address is the account's. */
  'GET /api/auth/mail/verify': {
    path: null;
    query: { token?: string };
    body: null;
    reply: null;
  };
  /** Your account. */
  'GET /api/my/account': {
    path: null;
    query: null;
    body: null;
    reply: MyAccount;
  };
  /** Changes your names. */
  'PATCH /api/my/account': {
    path: null;
    query: null;
    body: ChangeAccount;
    reply: MyAccount;
  };
  /** Deletes your account. */
  'DELETE /api/my/account': {
    path: null;
    query: null;
    body: DeleteAccount;
    reply: null;
  };
  /** Everything that the broker keeps about your account. */
  'GET /api/my/export': {
    path: null;
    query: null;
    body: null;
    reply: AccountExport;
  };
  /** Asks for another letter to your address. */
  'POST /api/my/email/verification': {
    path: null;
    query: null;
    body: null;
    reply: null;
  };
  /** Begins another passkey. */
  'POST /api/my/passkeys/options': {
    path: null;
    query: null;
    body: null;
    reply: PasskeyCeremony;
  };
  /** Adds a passkey. */
  'POST /api/my/passkeys': {
    path: null;
    query: null;
    body: AddPasskey;
    reply: PasskeyInfo;
  };
  /** Names a passkey. */
  'PATCH /api/my/passkeys/{id}': {
    path: { id: string };
    query: null;
    body: RenamePasskey;
    reply: null;
  };
  /** Removes a passkey. */
  'DELETE /api/my/passkeys/{id}': {
    path: { id: string };
    query: null;
    body: null;
    reply: null;
  };
  /** Sets your password. */
  'PUT /api/my/password': {
    path: null;
    query: null;
    body: SetPassword;
    reply: null;
  };
  /** Removes your password, and its second factor. */
  'DELETE /api/my/password': {
    path: null;
    query: null;
    body: null;
    reply: null;
  };
  /** Begins an authenticator. */
  'POST /api/my/totp': {
    path: null;
    query: null;
    body: null;
    reply: TotpSecret;
  };
  /** Makes the authenticator count, by its first code. */
  'PUT /api/my/totp': {
    path: null;
    query: null;
    body: ConfirmTotp;
    reply: null;
  };
  /** Removes the authenticator, and its recovery codes. */
  'DELETE /api/my/totp': {
    path: null;
    query: null;
    body: null;
    reply: null;
  };
  /** Makes ten recovery codes in place of those before. */
  'POST /api/my/recovery-codes': {
    path: null;
    query: null;
    body: null;
    reply: RecoveryCodes;
  };
  /** A new machine asks to be let in (RFC 8628). */
  'POST /oauth/device_authorization': {
    path: null;
    query: null;
    body: {
      /** claudemesh-cli; of the broker's own page claudemesh-page. */
      client_id?: string;
      /** account, or absent. */
      scope?: string;
      /** The machine's own Ed25519 key, 64 lower-case hexadecimal digits. */
      device_pub?: string;
      /** What its person calls it, 1 to 80 characters. */
      device_name?: string;
      /** What it is, such as linux-x64; at most 64 characters. */
      platform?: string;
      /** The port on 127.0.0.1 where it waits for the code that the page brings: it is on the same computer as the browser. */
      loopback_port?: string;
    };
    reply: DeviceAuthorization;
  };
  /** Shows who waits to be let in. */
  'GET /api/my/device-requests/{userCode}': {
    path: { userCode: string };
    query: null;
    body: null;
    reply: DeviceRequestInfo;
  };
  /** Lets a machine in: it becomes you. */
  'POST /api/my/device-requests/{userCode}/approve': {
    path: { userCode: string };
    query: null;
    body: DeviceApprove;
    reply: DeviceApproved;
  };
  /** Sends a machine away. */
  'POST /api/my/device-requests/{userCode}/deny': {
    path: { userCode: string };
    query: null;
    body: null;
    reply: null;
  };
  /** Lists the account's devices, with their records. */
  'GET /api/my/devices': {
    path: null;
    query: null;
    body: null;
    reply: DeviceList;
  };
  /** A device that has recovered the secret lets itself in. */
  'POST /api/my/devices': {
    path: null;
    query: null;
    body: DeviceAdd;
    reply: null;
  };
  /** Ends a device's sessions. What it knows it keeps: see renewal. */
  'DELETE /api/my/devices/{pub}': {
    path: { pub: string };
    query: null;
    body: null;
    reply: null;
  };
  /** The account's present key, and how it came from those before. */
  'GET /api/my/key': {
    path: null;
    query: null;
    body: null;
    reply: AccountKeyInfo;
  };
  /** Stores the account's first key, if it has none. */
  'POST /api/my/key': {
    path: null;
    query: null;
    body: AccountKeyCreate;
    reply: AccountKeyInfo;
  };
  /** Lists the ways of recovery. */
  'GET /api/my/recovery': {
    path: null;
    query: null;
    body: null;
    reply: RecoveryList;
  };
  /** Stores a way of recovery: key or prf. */
  'PUT /api/my/recovery/{kind}': {
    path: { kind: string };
    query: null;
    body: RecoveryPut;
    reply: RecoveryStored;
  };
  /** Ends a way of recovery. */
  'DELETE /api/my/recovery/{id}': {
    path: { id: string };
    query: null;
    body: null;
    reply: null;
  };
  /** Gives the account its next secret. */
  'POST /api/my/renewal': {
    path: null;
    query: null;
    body: RenewalRequest;
    reply: AccountKeyInfo;
  };
  /** A renewal, with the asking device's copy. */
  'GET /api/my/renewal/{generation}': {
    path: { generation: string };
    query: null;
    body: null;
    reply: RenewalInfo;
  };
  /** What the account's devices know together, sealed by them. */
  'GET /api/my/vault': {
    path: null;
    query: null;
    body: null;
    reply: VaultInfo;
  };
  /** Writes the next version of it. */
  'PUT /api/my/vault': {
    path: null;
    query: null;
    body: VaultPut;
    reply: null;
  };
  /** Keeps a browser signed in, by its cookie. */
  'POST /api/auth/refresh': {
    path: null;
    query: null;
    body: null;
    reply: SignedInBrowser;
  };
  /** Signs a browser out, and ends what it has open. */
  'POST /api/auth/sign-out': {
    path: null;
    query: null;
    body: null;
    reply: null;
  };
  /** Lists the browsers and devices that are signed in. */
  'GET /api/my/sessions': {
    path: null;
    query: null;
    body: null;
    reply: LoginSessionList;
  };
  /** Signs out everywhere but here. */
  'DELETE /api/my/sessions': {
    path: null;
    query: null;
    body: null;
    reply: null;
  };
  /** Signs a browser or a device out, at once. */
  'DELETE /api/my/sessions/{id}': {
    path: { id: string };
    query: null;
    body: null;
    reply: null;
  };
  /** Lists your personal tokens. */
  'GET /api/my/tokens': {
    path: null;
    query: null;
    body: null;
    reply: PersonalTokenList;
  };
  /** Makes a personal token and tells it, once. */
  'POST /api/my/tokens': {
    path: null;
    query: null;
    body: MakePersonalToken;
    reply: PersonalTokenMade;
  };
  /** Ends a personal token, and what it has open. */
  'DELETE /api/my/tokens/{id}': {
    path: { id: string };
    query: null;
    body: null;
    reply: null;
  };
  /** Lists the workspaces in which a member is yours. */
  'GET /api/my/meshes': {
    path: null;
    query: null;
    body: null;
    reply: MyMeshes;
  };
  /** Says that a member of a workspace is yours, with a proof by its key. Repeating it changes nothing. */
  'PUT /api/my/meshes/{id}': {
    path: { id: string };
    query: null;
    body: MemberClaim;
    reply: MyMesh;
  };
  /** Lets somebody make an account who is invited to no workspace. For operators. */
  'POST /api/my/account-invites': {
    path: null;
    query: null;
    body: MakeAccountInvite;
    reply: AccountInviteMade;
  };
  /** Exchanges a refresh token, or the code of a device that was approved, for tokens. */
  'POST /oauth/token': {
    path: null;
    query: null;
    body: {
      /** refresh_token, or urn:ietf:params:oauth:grant-type:device_code. */
      grant_type?: string;
      /** The refresh token: cmr_ and 43 characters. */
      refresh_token?: string;
      /** claudemesh-cli. */
      client_id?: string;
      /** Of the device grant: what the device was given. */
      device_code?: string;
      /** Of the device grant: the device's key, 64 hexadecimal digits. */
      device_pub?: string;
      /** Of the device grant: what the page brought over 127.0.0.1. */
      loopback_code?: string;
      /** Of the device grant: the device's signature over claudemesh/device-token/1, as base64. */
      proof?: string;
      /** Of the device grant: when it was signed, in milliseconds since 1970. */
      at?: string;
    };
    reply: OAuthTokens;
  };
  /** Ends the session of a refresh or access token, or a personal token; what is none is no error. */
  'POST /oauth/revoke': {
    path: null;
    query: null;
    body: {
      /** A refresh token, an access token, or a personal token. */
      token?: string;
      /** Not needed: a token shows what it is. */
      token_type_hint?: string;
      /** claudemesh-cli. */
      client_id?: string;
    };
    reply: null;
  };
  /** Says where a client logs in, refreshes and revokes. */
  'GET /.well-known/oauth-authorization-server': {
    path: null;
    query: null;
    body: null;
    reply: OAuthServer;
  };
  /** Lists the keys that access tokens are signed with. */
  'GET /.well-known/jwks.json': {
    path: null;
    query: null;
    body: null;
    reply: JsonWebKeys;
  };
}
