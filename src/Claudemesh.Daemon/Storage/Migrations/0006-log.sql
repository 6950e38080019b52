-- The signed log of each scope ('mesh', or 'topic/' and a topic's id), its records as they travel: nothing is ever encoded again from what was read.
CREATE TABLE log_scope (
  workspace_no INTEGER NOT NULL REFERENCES workspace (no) ON DELETE CASCADE,
  scope TEXT NOT NULL,
  -- The hash of the first record, where it was known before the log: from an invite.
  pin BLOB CHECK (length(pin) = 32),
  -- What the broker showed instead of the log, once it did. It stays.
  fork_record BLOB,
  fork_signature BLOB,
  PRIMARY KEY (workspace_no, scope)
) WITHOUT ROWID;

CREATE TABLE log_record (
  workspace_no INTEGER NOT NULL REFERENCES workspace (no) ON DELETE CASCADE,
  scope TEXT NOT NULL,
  seq INTEGER NOT NULL CHECK (seq >= 1),
  record BLOB NOT NULL,
  signature BLOB NOT NULL CHECK (length(signature) = 64),
  PRIMARY KEY (workspace_no, scope, seq)
);

-- The scope's roots, each sealed to this member's own key.
CREATE TABLE root_copy (
  workspace_no INTEGER NOT NULL REFERENCES workspace (no) ON DELETE CASCADE,
  scope TEXT NOT NULL,
  epoch INTEGER NOT NULL CHECK (epoch >= 1),
  copy BLOB NOT NULL CHECK (length(copy) = 80),
  PRIMARY KEY (workspace_no, scope, epoch)
) WITHOUT ROWID;

-- A message whose root or log is not here yet, as it was pushed: it is opened when they come. Null: it is as readable as it will ever be.
ALTER TABLE inbox ADD COLUMN sealed BLOB;
CREATE INDEX inbox_sealed ON inbox (workspace_no, seq) WHERE sealed IS NOT NULL;

-- What one message to several is addressed to: '*', '@group', 'tag:…' or '#topic-id'; '' for one recipient. Then its key is 32 zero bytes, and the counts are
-- of those whom the broker took it for.
ALTER TABLE outbox ADD COLUMN target TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN recipients INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN delivered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN surfaced INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN been_read INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN expired INTEGER NOT NULL DEFAULT 0;
