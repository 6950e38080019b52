-- Whose secret a member's key comes from: the broker that the account is on. Its seed is 32 zeros then, and only the account's secret gives the key.
ALTER TABLE member_seed ADD COLUMN derived_by TEXT NOT NULL DEFAULT '';

-- Members that a broker knows to be the account's, so that it is told once.
CREATE TABLE account_claim (
  mesh_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  member_key BLOB NOT NULL CHECK (length(member_key) = 32),
  refusal TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;

-- The account's vault as this daemon and the broker last had it alike, sealed as the broker keeps it.
CREATE TABLE account_vault (
  broker TEXT PRIMARY KEY,
  version INTEGER NOT NULL CHECK (version >= 1),
  blob BLOB NOT NULL
) WITHOUT ROWID;
