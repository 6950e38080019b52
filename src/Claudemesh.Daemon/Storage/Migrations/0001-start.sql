-- Times are ms since 1970, keys are raw bytes.
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- The secrets. A seed is stored before the broker hears of its key, so that a crash between the two leaves nothing behind that only we could use.
CREATE TABLE member_seed (
  mesh_id TEXT PRIMARY KEY,
  seed BLOB NOT NULL CHECK (length(seed) = 32),
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE workspace (
  no INTEGER PRIMARY KEY,
  mesh_id TEXT NOT NULL UNIQUE REFERENCES member_seed (mesh_id),
  slug TEXT NOT NULL UNIQUE,
  broker_slug TEXT NOT NULL,
  name TEXT NOT NULL,
  broker TEXT NOT NULL,
  role TEXT NOT NULL,
  member_id TEXT NOT NULL,
  member_key BLOB NOT NULL CHECK (length(member_key) = 32),
  display_name TEXT NOT NULL,
  joined_at INTEGER NOT NULL,
  incarnation TEXT NOT NULL DEFAULT ''
);

-- Member keys as first seen. A key is never replaced here, and a person never becomes legacy again.
CREATE TABLE contact (
  workspace_no INTEGER NOT NULL REFERENCES workspace (no) ON DELETE CASCADE,
  member_key BLOB NOT NULL CHECK (length(member_key) = 32),
  member_id TEXT,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('person', 'bot', 'legacy')),
  first_seen_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_no, member_key)
) WITHOUT ROWID;
CREATE UNIQUE INDEX contact_member ON contact (workspace_no, member_id) WHERE member_id IS NOT NULL;

-- One row per recipient, with everything that sending it needs: nothing is looked up again later.
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace_no INTEGER NOT NULL REFERENCES workspace (no) ON DELETE CASCADE,
  batch TEXT NOT NULL,
  client_message_id TEXT NOT NULL UNIQUE,
  fingerprint BLOB NOT NULL,
  addressed_to TEXT NOT NULL,
  recipient_name TEXT NOT NULL,
  recipient_key BLOB NOT NULL CHECK (length(recipient_key) = 32),
  recipient_session_key BLOB NOT NULL CHECK (length(recipient_session_key) IN (0, 32)),
  encryption TEXT NOT NULL CHECK (encryption IN ('member', 'box')),
  session_id TEXT NOT NULL,
  reply_to TEXT NOT NULL,
  priority TEXT NOT NULL CHECK (priority IN ('now', 'next', 'low')),
  body TEXT NOT NULL,
  recipient_online INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'accepted', 'delivered', 'surfaced', 'read', 'refused', 'expired')),
  attempts INTEGER NOT NULL DEFAULT 0,
  reason TEXT,
  message_id TEXT,
  changed_at INTEGER NOT NULL
);
CREATE INDEX outbox_open ON outbox (workspace_no, seq) WHERE state IN ('pending', 'sent');
CREATE INDEX outbox_batch ON outbox (batch);
CREATE INDEX outbox_message ON outbox (message_id) WHERE message_id IS NOT NULL;

CREATE TABLE inbox (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace_no INTEGER NOT NULL REFERENCES workspace (no) ON DELETE CASCADE,
  dedupe TEXT NOT NULL,
  message_id TEXT NOT NULL,
  client_message_id TEXT,
  sender_name TEXT NOT NULL,
  sender_key TEXT NOT NULL,
  sender_session_key TEXT,
  addressed_to TEXT NOT NULL,
  session_id TEXT,
  body TEXT,
  encryption TEXT NOT NULL CHECK (encryption IN ('member', 'box', 'none')),
  verified INTEGER NOT NULL,
  unreadable TEXT,
  priority TEXT NOT NULL,
  reply_to TEXT,
  sent_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  seen_at INTEGER,
  tell_read INTEGER NOT NULL DEFAULT 0,
  UNIQUE (workspace_no, dedupe)
);
CREATE INDEX inbox_tell_read ON inbox (workspace_no, seq) WHERE tell_read = 1;
CREATE INDEX inbox_unread ON inbox (workspace_no, seq) WHERE seen_at IS NULL;
CREATE INDEX inbox_message ON inbox (message_id);

-- How far this device has stored what the broker pushed, per source ('' is the member, else a session id) and lane.
CREATE TABLE position (
  workspace_no INTEGER NOT NULL REFERENCES workspace (no) ON DELETE CASCADE,
  source TEXT NOT NULL,
  lane TEXT NOT NULL,
  through INTEGER NOT NULL,
  PRIMARY KEY (workspace_no, source, lane)
) WITHOUT ROWID;
