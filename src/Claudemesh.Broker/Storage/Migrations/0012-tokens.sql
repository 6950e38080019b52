-- The refresh tokens of a login session, as SHA-256. Of a session's tokens those are kept that may still be exchanged: the live one, and the one
-- before it, whose answer may have been lost. All others are known by what the tokens of a session have in common (family_hash).
CREATE TABLE refresh_chain (
  session_no BIGINT PRIMARY KEY,
  family_hash {bytes} NOT NULL UNIQUE,
  live_hash {bytes} NOT NULL,
  previous_hash {bytes},
  exchanged_at BIGINT
);

-- Tokens that a person makes for programs that act as him. Scopes: 1 read, 2 post, 4 state, 8 admin, added up. mesh_no: for that workspace only.
CREATE TABLE personal_token (
  no {number},
  id TEXT NOT NULL UNIQUE,
  account_no BIGINT NOT NULL,
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  hash {bytes} NOT NULL UNIQUE,
  scopes INT NOT NULL,
  mesh_no BIGINT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT,
  last_used_at BIGINT
);

CREATE INDEX personal_token_of_account ON personal_token (account_no);

-- The key that made this one and that it ends with; null where a member made it.
ALTER TABLE api_key ADD COLUMN made_by BIGINT;

CREATE INDEX api_key_made_by ON api_key (made_by);
