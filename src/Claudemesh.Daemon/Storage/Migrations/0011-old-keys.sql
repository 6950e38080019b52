-- Keys that this person had in a workspace before the present one, and keys of sessions that came of them: what is still on its way to them opens with these.
CREATE TABLE old_key (
  mesh_id TEXT NOT NULL REFERENCES member_seed (mesh_id) ON DELETE CASCADE,
  public_key BLOB NOT NULL CHECK (length(public_key) = 32),
  kind TEXT NOT NULL CHECK (kind IN ('member', 'session')),
  seed BLOB NOT NULL CHECK (length(seed) = 32),
  replaced_at INTEGER NOT NULL,
  PRIMARY KEY (mesh_id, public_key)
) WITHOUT ROWID;

-- A change of the member key that is begun: the new seed is here before anybody hears of its key. Whether the record was appended the log says.
CREATE TABLE key_change (
  mesh_id TEXT PRIMARY KEY REFERENCES member_seed (mesh_id) ON DELETE CASCADE,
  seed BLOB NOT NULL CHECK (length(seed) = 32),
  compromised INTEGER NOT NULL CHECK (compromised IN (0, 1)),
  begun_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Members that `migrate-identity` has taken over or moved, and whether that can be taken back. first_key is the one before the move.
CREATE TABLE moved_identity (
  mesh_id TEXT PRIMARY KEY REFERENCES member_seed (mesh_id) ON DELETE CASCADE,
  first_key BLOB NOT NULL CHECK (length(first_key) = 32),
  origin TEXT NOT NULL CHECK (origin IN ('1.x', '2.x')),
  state TEXT NOT NULL CHECK (state IN ('imported', 'moved', 'undone', 'confirmed')),
  changed_at INTEGER NOT NULL
) WITHOUT ROWID;

-- The key that a member had before, and when it said so: both null where it never changed.
ALTER TABLE contact ADD COLUMN former_key BLOB CHECK (length(former_key) = 32);
ALTER TABLE contact ADD COLUMN key_changed_at INTEGER;
