-- What the members of a workspace keep in common. Sealed objects are our clients'; plain ones are those of 1.x clients, in rows of their own,
-- whatever their name. Times are microseconds since 1970.

CREATE TABLE object (
  mesh_no BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  plain SMALLINT NOT NULL,
  name TEXT NOT NULL,
  revision BIGINT NOT NULL,
  change_no BIGINT NOT NULL,
  deleted SMALLINT NOT NULL,
  author_no BIGINT NOT NULL,
  written_by TEXT NOT NULL,
  written_at BIGINT NOT NULL,
  header {bytes} NOT NULL,
  nonce {bytes} NOT NULL,
  body {bytes} NOT NULL,
  PRIMARY KEY (mesh_no, kind, plain, name)
);

CREATE UNIQUE INDEX object_by_change ON object (mesh_no, change_no);

-- The last number that was given to a change. Writes take turns, so a number is never seen before a lower one.
CREATE TABLE object_change (
  mesh_no BIGINT PRIMARY KEY,
  last BIGINT NOT NULL
);

-- What there is, so that no write has to count: names are those with a value and those without one any more.
CREATE TABLE object_use (
  mesh_no BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  plain SMALLINT NOT NULL,
  names BIGINT NOT NULL,
  live BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  PRIMARY KEY (mesh_no, kind, plain)
) {clustered};

-- The words of plain memories, which 1.x clients have the broker search.
CREATE TABLE memory_word (
  mesh_no BIGINT NOT NULL,
  word TEXT NOT NULL,
  name TEXT NOT NULL,
  times INT NOT NULL,
  written_at BIGINT NOT NULL,
  PRIMARY KEY (mesh_no, word, name)
) {clustered};

CREATE INDEX memory_word_of ON memory_word (mesh_no, name);

-- What a member of a 1.x workspace tells the others about its work. search is the summary in lower case, tags one on each line.
CREATE TABLE shared_context (
  mesh_no BIGINT NOT NULL,
  member_no BIGINT NOT NULL,
  id TEXT NOT NULL,
  peer_name TEXT NOT NULL,
  search TEXT NOT NULL,
  tags TEXT NOT NULL,
  content {bytes} NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (mesh_no, member_no)
);
