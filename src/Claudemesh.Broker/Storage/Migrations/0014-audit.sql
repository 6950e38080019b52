-- What was done in each workspace and by whom, as a chain: hash covers the row and the hash before it (in the form of 1.x). created_at is
-- milliseconds since 1970, as it is hashed. Rows are only added; a workspace that is deleted takes them with it.
CREATE TABLE audit_event (
  mesh_no BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  event_type TEXT NOT NULL,
  actor TEXT,
  payload TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (mesh_no, seq)
) {clustered};

CREATE INDEX audit_event_of_type ON audit_event (mesh_no, event_type, seq);

-- Where a chain ends, so that one whose end was cut off is found.
CREATE TABLE audit_head (
  mesh_no BIGINT PRIMARY KEY,
  seq BIGINT NOT NULL,
  hash TEXT NOT NULL
);

-- archived_at: it can be read, and brought back. ended_at: nobody gets in any more. deleted_at: its rows are being deleted; the row of mesh stays,
-- so that who comes late is told.
ALTER TABLE mesh ADD COLUMN ended_at BIGINT;

ALTER TABLE mesh ADD COLUMN deleted_at BIGINT;

UPDATE mesh SET ended_at = archived_at, archived_at = NULL WHERE archived_at IS NOT NULL;

CREATE INDEX mesh_deleting ON mesh (deleted_at) WHERE deleted_at IS NOT NULL;
