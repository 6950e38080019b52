-- What the members of a workspace keep in common, opened: states as JSON, memories and summaries as text. A row stays when its value is gone, for its
-- revision: nothing older is ever shown again. plain: a 1.x client wrote it, in clear. nonce: which writing of the revision it is. trouble: why what the
-- broker gave last is not shown. waiting: what it gave and nobody here can open yet, as it came.
CREATE TABLE object (
  no INTEGER PRIMARY KEY,
  workspace_no INTEGER NOT NULL REFERENCES workspace (no) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('state', 'memory', 'summary', 'schedule')),
  plain INTEGER NOT NULL CHECK (plain IN (0, 1)),
  name TEXT NOT NULL,
  revision INTEGER NOT NULL,
  nonce BLOB NOT NULL,
  has_value INTEGER NOT NULL CHECK (has_value IN (0, 1)),
  text TEXT NOT NULL,
  tags TEXT NOT NULL,
  author TEXT NOT NULL,
  written_by TEXT NOT NULL,
  written_at INTEGER NOT NULL,
  trouble TEXT,
  waiting BLOB,
  UNIQUE (workspace_no, kind, plain, name)
);
CREATE INDEX object_waiting ON object (workspace_no) WHERE waiting IS NOT NULL;
CREATE INDEX object_newest ON object (workspace_no, kind, written_at) WHERE has_value = 1;

-- The last change that was taken of a workspace, and which of the broker's databases counted it.
CREATE TABLE object_position (
  workspace_no INTEGER PRIMARY KEY REFERENCES workspace (no) ON DELETE CASCADE,
  incarnation TEXT NOT NULL,
  change_no INTEGER NOT NULL
);

-- Words of memories, with what was deleted overwritten. The text itself is in object only.
CREATE VIRTUAL TABLE memory_index USING fts5(text, tags, content = 'object', content_rowid = 'no', tokenize = 'porter unicode61 remove_diacritics 2');
INSERT INTO memory_index (memory_index, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER memory_added AFTER INSERT ON object WHEN new.kind = 'memory' AND new.has_value = 1 BEGIN
  INSERT INTO memory_index (rowid, text, tags) VALUES (new.no, new.text, new.tags);
END;
CREATE TRIGGER memory_removed AFTER DELETE ON object WHEN old.kind = 'memory' AND old.has_value = 1 BEGIN
  INSERT INTO memory_index (memory_index, rowid, text, tags) VALUES ('delete', old.no, old.text, old.tags);
END;
CREATE TRIGGER memory_left AFTER UPDATE ON object WHEN old.kind = 'memory' AND old.has_value = 1 BEGIN
  INSERT INTO memory_index (memory_index, rowid, text, tags) VALUES ('delete', old.no, old.text, old.tags);
END;
CREATE TRIGGER memory_taken AFTER UPDATE ON object WHEN new.kind = 'memory' AND new.has_value = 1 BEGIN
  INSERT INTO memory_index (rowid, text, tags) VALUES (new.no, new.text, new.tags);
END;
