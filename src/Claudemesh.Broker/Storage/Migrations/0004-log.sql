-- The signed logs: of each workspace (scope mesh), and of each private topic (scope topic/ and its id). Rows are never changed or
-- deleted. What other tables say of members, roles and keys is a cache of it, written in the same transaction.
CREATE TABLE log_record (
  mesh_no BIGINT NOT NULL,
  scope TEXT NOT NULL,
  seq BIGINT NOT NULL,
  record {bytes} NOT NULL,
  signature {bytes} NOT NULL,
  hash {bytes} NOT NULL,
  PRIMARY KEY (mesh_no, scope, seq)
) {clustered};

-- A root key sealed to one recipient: a member's key, or an open invite's.
CREATE TABLE sealed_copy (
  mesh_no BIGINT NOT NULL,
  scope TEXT NOT NULL,
  recipient TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  copy {bytes} NOT NULL,
  PRIMARY KEY (mesh_no, scope, recipient, epoch)
) {clustered};

CREATE INDEX sealed_copy_of_epoch ON sealed_copy (mesh_no, scope, epoch, recipient);

-- Which workspace an invite of a log is of, and what the log does not carry. When it is over its package is taken out, and the copies
-- that were sealed to its key are: cleared_at says that this is done.
CREATE TABLE log_invite (
  id TEXT PRIMARY KEY,
  mesh_no BIGINT NOT NULL,
  pubkey TEXT NOT NULL,
  package {bytes},
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT,
  cleared_at BIGINT
);

CREATE INDEX log_invite_open ON log_invite (mesh_no) WHERE cleared_at IS NULL;

-- Who came by an invite without its secret: no member until an admin's device appends admit.
CREATE TABLE waiting_member (
  mesh_no BIGINT NOT NULL,
  pubkey TEXT NOT NULL,
  member_id TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  invite_id TEXT NOT NULL,
  role SMALLINT NOT NULL,
  kind SMALLINT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (mesh_no, pubkey)
) {clustered};

CREATE INDEX waiting_since ON waiting_member (since);
