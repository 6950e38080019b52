-- Topics. A topic's posts are entries of its mailbox (kind 3), which are its history too. Visibility: 0 public, 1 private, 2 dm.
CREATE TABLE topic (
  no {number},
  id TEXT NOT NULL,
  mesh_no BIGINT NOT NULL,
  mailbox_no BIGINT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  visibility SMALLINT NOT NULL,
  created_at BIGINT NOT NULL,
  archived_at BIGINT,
  retention_days INT,
  UNIQUE (mesh_no, id)
);

-- Names that everybody may know stand for one topic. A private one may have the same: to refuse it would tell that it is there.
CREATE UNIQUE INDEX topic_public_name ON topic (mesh_no, name) WHERE visibility = 0 AND archived_at IS NULL;

CREATE INDEX topic_bounded ON topic (no) WHERE retention_days IS NOT NULL;

-- A stay in a topic: from joining to leaving, under a seat of its own (a mailbox of kind 5, always empty) that the member's readers
-- have their cursors at and that receipts name. Role: 0 observer, 1 member, 2 lead.
CREATE TABLE topic_member (
  seat_no {rowkey},
  topic_no BIGINT NOT NULL,
  member_no BIGINT NOT NULL,
  role SMALLINT NOT NULL,
  joined_at BIGINT NOT NULL,
  left_at BIGINT,
  last_read_position BIGINT NOT NULL,
  last_read_at BIGINT
);

CREATE UNIQUE INDEX topic_member_now ON topic_member (topic_no, member_no) WHERE left_at IS NULL;

CREATE INDEX topic_member_of_topic ON topic_member (topic_no, member_no);

CREATE INDEX topic_member_of_member ON topic_member (member_no) WHERE left_at IS NULL;

-- Every workspace has #general with its owner as lead and everybody in it. Older ones get it here, and their owner his row.
INSERT INTO member (id, mesh_no, pubkey, display_name, role, kind, joined_at, banned, default_groups)
SELECT {newid}, h.no, h.owner_pubkey, 'owner', 2, 0, h.created_at, 0, '[]' FROM mesh h
WHERE NOT EXISTS (SELECT 1 FROM member m WHERE m.mesh_no = h.no AND m.pubkey = h.owner_pubkey);

INSERT INTO mailbox (mesh_no, kind, owner_no, key)
SELECT m.mesh_no, 1, m.no, CAST(m.mesh_no AS TEXT) || '/1/' || m.pubkey FROM member m
WHERE NOT EXISTS (SELECT 1 FROM mailbox b WHERE b.mesh_no = m.mesh_no AND b.kind = 1 AND b.owner_no = m.no);

INSERT INTO topic (id, mesh_no, mailbox_no, name, visibility, created_at)
SELECT {newid}, h.no, 0, 'general', 0, h.created_at FROM mesh h;

INSERT INTO mailbox (mesh_no, kind, owner_no, key)
SELECT t.mesh_no, 3, 0, CAST(t.mesh_no AS TEXT) || '/3/' || t.id FROM topic t;

UPDATE topic SET mailbox_no = (SELECT b.no FROM mailbox b WHERE b.key = CAST(topic.mesh_no AS TEXT) || '/3/' || topic.id);

INSERT INTO mailbox (mesh_no, kind, owner_no, key)
SELECT t.mesh_no, 5, m.no, CAST(t.mesh_no AS TEXT) || '/5/' || t.id || '/' || CAST(m.no AS TEXT) || '/0'
FROM topic t JOIN member m ON m.mesh_no = t.mesh_no WHERE m.removed_at IS NULL;

INSERT INTO topic_member (seat_no, topic_no, member_no, role, joined_at, last_read_position)
SELECT b.no, t.no, m.no, CASE WHEN m.pubkey = h.owner_pubkey THEN 2 ELSE 1 END, m.joined_at, 0
FROM topic t
JOIN mesh h ON h.no = t.mesh_no
JOIN member m ON m.mesh_no = t.mesh_no
JOIN mailbox b ON b.key = CAST(t.mesh_no AS TEXT) || '/5/' || t.id || '/' || CAST(m.no AS TEXT) || '/0'
WHERE m.removed_at IS NULL;
