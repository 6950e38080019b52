-- Topics as the broker listed them last. What is not there is not known here.
CREATE TABLE topic (
  workspace_no INTEGER NOT NULL REFERENCES workspace (no) ON DELETE CASCADE,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  visibility TEXT NOT NULL CHECK (visibility IN ('public', 'private', 'dm')),
  members INTEGER NOT NULL,
  role TEXT CHECK (role IN ('observer', 'member', 'lead')),
  created_at INTEGER NOT NULL,
  archived_at INTEGER,
  retention_days INTEGER,
  plain INTEGER NOT NULL,
  -- The position up to which this person has read.
  read_through INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (workspace_no, id)
) WITHOUT ROWID;

-- Posts as opened. seq rises with what arrives, so that who follows a topic can go on behind the last one he saw; live is 0 for what was only read back.
CREATE TABLE post (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  workspace_no INTEGER NOT NULL REFERENCES workspace (no) ON DELETE CASCADE,
  topic_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  dedupe TEXT NOT NULL,
  client_message_id TEXT,
  sender_name TEXT NOT NULL,
  sender_key TEXT NOT NULL,
  sender_session_key TEXT,
  own INTEGER NOT NULL,
  body TEXT,
  encryption TEXT NOT NULL CHECK (encryption IN ('member', 'box', 'none')),
  verified INTEGER NOT NULL,
  unreadable TEXT,
  mentions TEXT NOT NULL,
  mentions_me INTEGER NOT NULL,
  priority TEXT NOT NULL,
  reply_to TEXT,
  sent_at INTEGER NOT NULL,
  live INTEGER NOT NULL,
  -- The frame of a post whose root or log is not here yet: it is opened when they come.
  sealed BLOB,
  UNIQUE (workspace_no, topic_id, message_id),
  UNIQUE (workspace_no, dedupe)
);
CREATE INDEX post_place ON post (workspace_no, topic_id, position);
CREATE INDEX post_sealed ON post (workspace_no, seq) WHERE sealed IS NOT NULL;

-- Names that a post mentions, in lower case, joined by ','.
ALTER TABLE outbox ADD COLUMN mentions TEXT NOT NULL DEFAULT '';
