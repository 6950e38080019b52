-- What was deleted before its time, by the SHA-256 of what made it the same message: a replay of it is still known, and nothing else can be read here.
CREATE TABLE inbox_gone (
  workspace_no INTEGER NOT NULL REFERENCES workspace (no) ON DELETE CASCADE,
  dedupe BLOB NOT NULL CHECK (length(dedupe) = 32),
  received_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_no, dedupe)
) WITHOUT ROWID;
CREATE INDEX inbox_gone_age ON inbox_gone (received_at);
