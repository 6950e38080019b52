-- Accounts of people, and where they are signed in. Times are microseconds since 1970.

-- username_key is what makes two names the same: letters that look alike are one. A deleted account keeps its row, without a name, so that its id is never another's.
CREATE TABLE account (
  no {number},
  user_id TEXT NOT NULL UNIQUE,
  username TEXT NOT NULL,
  username_key TEXT UNIQUE,
  display_name TEXT NOT NULL,
  email TEXT,
  email_verified_at BIGINT,
  is_operator SMALLINT NOT NULL,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT
);

-- A browser (kind 1) or a device (kind 2) that is signed in. The id is the sid of its tokens. device is the device's key, in hexadecimal.
CREATE TABLE login_session (
  no {number},
  id TEXT NOT NULL UNIQUE,
  account_no BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  device TEXT,
  name TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  authenticated_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT
);

CREATE INDEX login_session_of_account ON login_session (account_no, no);

-- Which account a member is of; null: of none that said so.
ALTER TABLE member ADD COLUMN account_no BIGINT;

CREATE UNIQUE INDEX member_of_account ON member (mesh_no, account_no) WHERE account_no IS NOT NULL;
CREATE INDEX meshes_of_account ON member (account_no) WHERE account_no IS NOT NULL;
