-- What a session may do where it is less than its person may: bits of SessionCapabilities. by_person: a person has said so, and its program does not change it.
CREATE TABLE session_limit (
  session_id TEXT PRIMARY KEY,
  allows INTEGER NOT NULL,
  by_person INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) WITHOUT ROWID;

-- The processes of limited sessions, for as long as they live: what they start is limited too, also after a restart of the daemon.
CREATE TABLE session_process (
  pid INTEGER NOT NULL,
  started_at TEXT NOT NULL,
  session_id TEXT NOT NULL,
  PRIMARY KEY (pid, started_at, session_id)
) WITHOUT ROWID;

-- The end of each workspace's audit chain as this daemon has seen and computed it.
CREATE TABLE audit_seen (
  workspace_no INTEGER PRIMARY KEY REFERENCES workspace (no) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL
);
