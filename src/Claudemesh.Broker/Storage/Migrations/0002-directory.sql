-- Who belongs to a workspace, what they are called and what they allowed each other. Keys are hexadecimal in lower case;
-- times are microseconds since 1970; settings, groups, profile, grants are JSON.

CREATE TABLE mesh (
  no {number},
  id TEXT NOT NULL UNIQUE,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  owner_pubkey TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  archived_at BIGINT,
  settings TEXT NOT NULL
);

CREATE TABLE member (
  no {number},
  id TEXT NOT NULL UNIQUE,
  mesh_no BIGINT NOT NULL,
  pubkey TEXT NOT NULL,
  display_name TEXT NOT NULL,
  role SMALLINT NOT NULL,
  kind SMALLINT NOT NULL,
  joined_at BIGINT NOT NULL,
  removed_at BIGINT,
  banned SMALLINT NOT NULL,
  default_groups TEXT NOT NULL,
  UNIQUE (mesh_no, pubkey)
);

-- What a member's peer looked like when it was last here; given back when it returns.
CREATE TABLE peer_state (
  member_no BIGINT PRIMARY KEY,
  summary TEXT,
  visible SMALLINT NOT NULL,
  profile TEXT,
  groups TEXT NOT NULL,
  stats TEXT,
  last_seen_at BIGINT NOT NULL
);

-- Every session key that a member ever attested: messages to it wait even while it is away.
CREATE TABLE session (
  no {number},
  mesh_no BIGINT NOT NULL,
  member_no BIGINT NOT NULL,
  pubkey TEXT NOT NULL,
  session_id TEXT NOT NULL,
  first_seen_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  closed_at BIGINT,
  UNIQUE (mesh_no, pubkey)
);

CREATE INDEX session_of_member ON session (member_no);

-- The token itself is never kept: token_hash is its SHA-256.
CREATE TABLE invite (
  no {number},
  id TEXT NOT NULL UNIQUE,
  mesh_no BIGINT NOT NULL,
  token_hash {bytes} NOT NULL UNIQUE,
  payload TEXT NOT NULL,
  role SMALLINT NOT NULL,
  uses_max INT NOT NULL,
  uses INT NOT NULL,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT
);

CREATE INDEX invite_of_mesh ON invite (mesh_no);

-- What a member lets a sender (a member or session key) do to it; no row means the default.
CREATE TABLE member_grant (
  mesh_no BIGINT NOT NULL,
  recipient_no BIGINT NOT NULL,
  sender_pubkey TEXT NOT NULL,
  capabilities SMALLINT NOT NULL,
  PRIMARY KEY (mesh_no, recipient_no, sender_pubkey)
) {clustered};

-- Keys of the broker itself, such as the one its public message ids are made with.
CREATE TABLE broker_secret (
  name TEXT PRIMARY KEY,
  value {bytes} NOT NULL
);

-- Written and emptied to learn whether a database that failed takes writes again.
CREATE TABLE write_probe (
  no BIGINT PRIMARY KEY,
  filler {bytes} NOT NULL
);
