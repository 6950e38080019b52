-- What this person has said of himself in a workspace, and of single sessions there ('' is the member). Null: nothing was said.
CREATE TABLE self (
  workspace_no INTEGER NOT NULL REFERENCES workspace (no) ON DELETE CASCADE,
  session_id TEXT NOT NULL,
  name TEXT,
  status TEXT CHECK (status IN ('idle', 'working', 'dnd')),
  summary TEXT,
  visible INTEGER CHECK (visible IN (0, 1)),
  title TEXT,
  bio TEXT,
  avatar TEXT,
  capabilities TEXT,
  groups TEXT,
  changed_at INTEGER NOT NULL,
  PRIMARY KEY (workspace_no, session_id)
) WITHOUT ROWID;
