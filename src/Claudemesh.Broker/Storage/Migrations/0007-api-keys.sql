-- Keys for scripts and phones. Of a key its SHA-256 is kept: it is 32 random bytes, so nothing slower is needed.
-- Capabilities: 1 send, 2 read, 4 state_write, 8 admin, added up.
CREATE TABLE api_key (
  no {number},
  id TEXT NOT NULL UNIQUE,
  mesh_no BIGINT NOT NULL,
  member_no BIGINT NOT NULL,
  label TEXT NOT NULL,
  prefix TEXT NOT NULL,
  hash {bytes} NOT NULL UNIQUE,
  capabilities INT NOT NULL,
  scoped SMALLINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  last_used_at BIGINT
);

CREATE INDEX api_key_of_mesh ON api_key (mesh_no, member_no);

-- The topics of a key that is limited to some (scoped = 1).
CREATE TABLE api_key_topic (
  key_no BIGINT NOT NULL,
  topic_no BIGINT NOT NULL,
  PRIMARY KEY (key_no, topic_no)
) {clustered};
