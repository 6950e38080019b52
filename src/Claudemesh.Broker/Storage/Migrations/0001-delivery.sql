-- Messages, mailboxes and who has read how far (delivery engine, "Schema"). Hot rows speak in numbers only, and no hot
-- table has a second index. Times are microseconds since 1970. {words} are the dialect's.

CREATE TABLE message (
  id {rowkey},
  sender_no BIGINT NOT NULL,
  sender_key {bytes} NOT NULL,
  target TEXT NOT NULL,
  lane SMALLINT NOT NULL,
  body_version SMALLINT NOT NULL,
  header {bytes},
  nonce {bytes} NOT NULL,
  body {bytes} NOT NULL,
  client_id {bytes},
  fingerprint {bytes},
  reply_to BIGINT,
  recipients INT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE TABLE submission (
  sender_no BIGINT NOT NULL,
  client_id {bytes} NOT NULL,
  message_id BIGINT NOT NULL,
  fingerprint {bytes},
  PRIMARY KEY (sender_no, client_id)
) {clustered};

CREATE TABLE entry (
  mailbox_no BIGINT NOT NULL,
  lane SMALLINT NOT NULL,
  position BIGINT NOT NULL,
  message_id BIGINT NOT NULL,
  PRIMARY KEY (mailbox_no, lane, position)
) {clustered};

CREATE TABLE cursor (
  reader_no BIGINT NOT NULL,
  source_no BIGINT NOT NULL,
  lane SMALLINT NOT NULL,
  through BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (reader_no, source_no, lane)
) {clustered};

CREATE TABLE cursor_mark (
  mailbox_no BIGINT NOT NULL,
  lane SMALLINT NOT NULL,
  through BIGINT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (mailbox_no, lane, through)
) {clustered};

CREATE TABLE receipt (
  message_id BIGINT NOT NULL,
  mailbox_no BIGINT NOT NULL,
  state SMALLINT NOT NULL,
  at BIGINT NOT NULL,
  reason TEXT,
  proof {bytes},
  PRIMARY KEY (message_id, mailbox_no)
) {clustered};

-- What a reader was pushed five times and did not take: its cursor went on, and it is offered this again.
CREATE TABLE set_aside (
  reader_no BIGINT NOT NULL,
  message_id BIGINT NOT NULL,
  mailbox_no BIGINT NOT NULL,
  lane SMALLINT NOT NULL,
  position BIGINT NOT NULL,
  PRIMARY KEY (reader_no, message_id)
) {clustered};

CREATE TABLE mailbox (
  no {number},
  mesh_no BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  owner_no BIGINT NOT NULL,
  key TEXT NOT NULL UNIQUE
);

CREATE INDEX mailbox_of_mesh ON mailbox (mesh_no, kind);

CREATE TABLE reader (
  no {number},
  mailbox_no BIGINT NOT NULL,
  device TEXT NOT NULL,
  seen_at BIGINT NOT NULL,
  UNIQUE (mailbox_no, device)
);

CREATE TABLE mesh_owner (
  mesh_no BIGINT PRIMARY KEY,
  epoch BIGINT NOT NULL,
  incarnation {bytes} NOT NULL,
  next_position BIGINT NOT NULL
);

-- Which incarnation a position belongs to: ids given out before a restore stay what they were.
CREATE TABLE incarnation (
  mesh_no BIGINT NOT NULL,
  first_position BIGINT NOT NULL,
  incarnation {bytes} NOT NULL,
  PRIMARY KEY (mesh_no, first_position)
) {clustered};
