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
