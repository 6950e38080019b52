-- New machines that ask to be let in (RFC 8628). Of a device code and of a loopback code the SHA-256 is kept: each is 32 random bytes.
-- State: 0 waits, 1 approved, 2 denied, 3 fetched. The box of an approval is gone once it was fetched.
CREATE TABLE device_request (
  no {number},
  code_hash {bytes} NOT NULL UNIQUE,
  user_code TEXT NOT NULL UNIQUE,
  client_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  pubkey TEXT NOT NULL,
  name TEXT NOT NULL,
  platform TEXT,
  address TEXT NOT NULL,
  loopback_port INT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  state SMALLINT NOT NULL,
  account_no BIGINT,
  device_no BIGINT,
  loopback_hash {bytes},
  box {bytes}
);

CREATE INDEX device_request_by_end ON device_request (expires_at);

CREATE INDEX device_request_of_address ON device_request (address, expires_at);

-- The devices of an account. Text and signatures are the device's record: an approval, or for the first device the account's first text.
-- Kind: 1 browser, 2 device. Until waits_until an approved device may fetch its tokens; one that does not is none.
CREATE TABLE account_device (
  no {number},
  account_no BIGINT NOT NULL,
  pubkey TEXT NOT NULL,
  name TEXT NOT NULL,
  kind SMALLINT NOT NULL,
  added_at BIGINT NOT NULL,
  approved_by TEXT,
  text {bytes} NOT NULL,
  account_sig {bytes} NOT NULL,
  device_sig {bytes} NOT NULL,
  waits_until BIGINT,
  removed_at BIGINT,
  UNIQUE (account_no, pubkey)
);

-- The account's keys, one for each generation of its secret. The first has no old_sig.
CREATE TABLE account_key (
  account_no BIGINT NOT NULL,
  generation BIGINT NOT NULL,
  pubkey TEXT NOT NULL,
  device_pubkey TEXT NOT NULL,
  text {bytes} NOT NULL,
  old_sig {bytes},
  account_sig {bytes} NOT NULL,
  device_sig {bytes} NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (account_no, generation)
) {clustered};

-- The secret of a generation, sealed to each device that stayed when it was made.
CREATE TABLE renewal_copy (
  account_no BIGINT NOT NULL,
  generation BIGINT NOT NULL,
  device_no BIGINT NOT NULL,
  sealed {bytes} NOT NULL,
  PRIMARY KEY (account_no, generation, device_no)
) {clustered};

-- The secret under something that its person keeps. Kind: 1 recovery key, 2 passkey; the first has an empty credential_id.
CREATE TABLE recovery_blob (
  no {number},
  id TEXT NOT NULL UNIQUE,
  account_no BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  credential_id {bytes} NOT NULL,
  generation BIGINT NOT NULL,
  blob {bytes} NOT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (account_no, kind, credential_id)
);

CREATE TABLE account_vault (
  account_no {rowkey},
  version BIGINT NOT NULL,
  blob {bytes} NOT NULL,
  written_at BIGINT NOT NULL
);
