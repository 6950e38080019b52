-- Keys of topics as 1.x has them: made by a member's client, and sealed by members for one another. None of it can be opened here.
-- Generation: rises when a key that nobody holds any more is followed by another; copies of the one before it count no longer.
CREATE TABLE topic_key (
  topic_no BIGINT PRIMARY KEY,
  generation INT NOT NULL,
  pubkey TEXT NOT NULL,
  claimed_at BIGINT NOT NULL
) {clustered};

-- To which key of the member it is sealed, and by whom.
CREATE TABLE topic_key_copy (
  topic_no BIGINT NOT NULL,
  member_no BIGINT NOT NULL,
  generation INT NOT NULL,
  recipient TEXT NOT NULL,
  sealed_by BIGINT NOT NULL,
  copy {bytes} NOT NULL,
  nonce {bytes} NOT NULL,
  sealed_at BIGINT NOT NULL,
  PRIMARY KEY (topic_no, member_no)
) {clustered};
