-- What shows that somebody is who an account is of. Times are microseconds since 1970; of whatever is told to its owner only the SHA-256 is kept.

CREATE TABLE password (
  account_no BIGINT PRIMARY KEY,
  hash TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);

-- The second factor of a password. It counts once it is confirmed; a step of time is used once.
CREATE TABLE totp (
  account_no BIGINT PRIMARY KEY,
  secret {bytes} NOT NULL,
  begun_at BIGINT NOT NULL,
  confirmed_at BIGINT,
  last_step BIGINT NOT NULL
);

CREATE TABLE recovery_code (
  account_no BIGINT NOT NULL,
  hash {bytes} NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (account_no, hash)
) {clustered};

CREATE TABLE passkey (
  no {number},
  account_no BIGINT NOT NULL,
  credential_id {bytes} NOT NULL UNIQUE,
  public_key {bytes} NOT NULL,
  name TEXT NOT NULL,
  sign_count BIGINT NOT NULL,
  transports TEXT NOT NULL,
  backup_eligible SMALLINT NOT NULL,
  backed_up SMALLINT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT
);

CREATE INDEX passkey_of_account ON passkey (account_no);

-- Who vouches for an account elsewhere: an OpenID provider and its name for the person.
CREATE TABLE oidc_link (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  account_no BIGINT NOT NULL,
  linked_at BIGINT NOT NULL,
  PRIMARY KEY (issuer, subject)
) {clustered};

CREATE INDEX oidc_link_of_account ON oidc_link (account_no);

-- The link that makes the first account: one, and none once there is an account.
CREATE TABLE setup_link (
  only_one SMALLINT PRIMARY KEY,
  hash {bytes} NOT NULL,
  made_at BIGINT NOT NULL
);

-- What was begun and waits for its second half. binding: the SHA-256 of what the browser or the session has that began it.
CREATE TABLE ceremony (
  id_hash {bytes} PRIMARY KEY,
  kind SMALLINT NOT NULL,
  binding {bytes} NOT NULL,
  account_no BIGINT,
  user_id TEXT,
  state TEXT NOT NULL,
  about TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE INDEX ceremony_by_end ON ceremony (expires_at);

-- Sent to an address to see whether it is the account's.
CREATE TABLE mail_link (
  hash {bytes} PRIMARY KEY,
  account_no BIGINT NOT NULL,
  email TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE INDEX mail_link_of_account ON mail_link (account_no);

-- Lets somebody make an account who has no invite to a workspace.
CREATE TABLE account_invite (
  hash {bytes} PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  account_no BIGINT NOT NULL,
  uses_left INT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
